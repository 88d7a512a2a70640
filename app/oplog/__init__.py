"""The operating log: what the processes of the program did, one line an event, for whoever runs the machine.

It is another thing than the log of acts (`audit_entry`), which says who did what and is kept for good. Here stand kinds,
numbers, codes and places of the program alone: no person, no dossier, no address with its query, no text that anybody
typed, no message of an error. That is held by the catalogue: an event has the fields that it names and no others, and a
field takes what its form allows (`forms`), else it is written as `?`.

    events      the catalogue: level, words for people, fields
    forms       the forms of values
    faults      an error as codes and places
    entries     one event as JSON or as words
    outlets     standard error or a folder of files; none of them ever fails its caller
    writing     `write`, `bind`, `begin`
    requests    a line for each request, and its number
"""

from app.oplog.writing import begin, bind, write

__all__ = ["begin", "bind", "write"]
