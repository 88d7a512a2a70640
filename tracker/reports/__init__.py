"""Tables and forms as files: what a person takes away. Gets answers, writes files, computes nothing."""
