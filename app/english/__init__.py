"""English as the second language of the pages: their texts are Vietnamese, and a catalogue says each in English.

Templates are translated when they are compiled, in an environment of their own; words that come from Python when they
are shown. Nothing here runs for a reader of Vietnamese. Documents, letters, exports and commands stay Vietnamese.
"""
