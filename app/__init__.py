"""The outer shell: command line, web application; the only package that knows Flask, click and the process."""
