"""One reader a kind of file; each streams tables as chunks of rows of text and knows nothing of their meaning."""
