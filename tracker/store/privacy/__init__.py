"""Personal data: where they lie, whose they are, how long they may be kept, and how they go.

places    every table that may hold what names the people of a dossier, as data: what shows them and what erases them
persons   the dossiers of a person, those past their time, and what the people of some dossiers are called
loose     what hangs on no dossier: rejected rows, waiting events, messages; and kept raw blocks
emptying  rows emptied in the caller's transaction
leftovers files that rows name, and pages of the database that still hold what was there before

Nothing here decides: who may be erased and why stands in `tracker.pipeline.erasing`.
"""
