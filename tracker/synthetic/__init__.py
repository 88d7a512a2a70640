"""Made-up dossiers shaped like real exports, for demonstrations, tests and measurements; no person in them exists.

    catalogue   units and procedures of `tracker/data`, and which of them were in force on a day
    routes      who resolves what, who takes it in, how often
    people      invented names, companies, telephone numbers and addresses
    spreads     seasons, lateness, times of day, channels
    drafting    one batch of dossiers: reception, suspensions, due dates (by `tracker.timekeeping`), end
    csv_writer  the export file
    generate    the presets: daklak_2022, daklak_open, today, stress

Same preset, numbers, seed and as-of give the same bytes. Knows no store, no web and no clock.
"""
