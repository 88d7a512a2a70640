"""The domain of Đúng Hẹn: what is promised, what is late, what it costs. Knows neither Flask nor e-mail nor Word.

The flow, one function an arrow; the type of a value says how far along it is::

    readers.read(file)                SourceRow batch   raw cells and where they came from (file, sheet, row)
    | normalize                       Record | Rejection   typed, dated, coded; what cannot be used is kept
    | changes.decide(stored, new)     Change + events   new / changed / unchanged / stale            pure
    | store                           dossier, due dates seen, suspensions, events, raw rows   one transaction
    | deadlines.evaluate(calendar)    Deadline          the due date and the steps that led to it   pure
    | lateness.classify(as_of)        Lateness          one state, working time late or left        pure
    |-> letters                       obligation -> draft -> ... -> delivered
    |-> rates -> scoring              numerator, denominator, rate, points, what can still be afforded
    '-> reports                       late list as xlsx / csv
"""
