"""What workers do, one file a topic; each handler is an entry of `app/work_kinds.py`. No handler knows the web."""
