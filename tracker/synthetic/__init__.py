"""Made-up dossiers shaped like real exports, for demonstrations, tests and measurements; no person in them exists.

    catalogue   units and procedures of `tracker/data`, and which of them were in force on a day
    routes      who resolves what, who takes it in, how often
    people      invented names, companies, telephone numbers and addresses
    spreads     seasons, lateness, times of day, channels
    drafting    one batch of dossiers: reception, suspensions, due dates (by `tracker.timekeeping`), end
    cells       columns and texts that every writer needs
    writer      what a writer is, and what a preset hands it
    csv_writer  the export file; workbook_writer, register_layout and annex_writer: workbooks; portal_writer: JSON
    step_chains which departments a dossier goes through; step_spans: how long each had it and should have had it
    progress_steps, progress_writer: those steps as progress events, in a file beside the dossiers
    planted_causes: who makes dossiers late in which months, so that an analysis can be held against the truth
    forms       csv, xlsx with its layouts, dvcqg with its wire variants
    generate    the presets: daklak_2022, today, stress

Same preset, numbers, seed and as-of give the same dossiers in every form, and the same bytes in the same form.
Knows no store, no web and no clock.
"""
