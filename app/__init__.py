"""The outer shell: command line, web application; the only package that knows Flask, click and the process."""

import os

# A library of linear algebra, of which numpy loads one, would start threads that turn for a tenth of a second each time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
