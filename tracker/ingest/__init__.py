"""From a file to typed records: readers, header layouts as data, normalisation, and the decision what changed."""
