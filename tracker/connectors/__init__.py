"""Systems that we ask for their dossiers: how each is spoken to, and how its records become elements of a payload.

configured.puller_for(connector)      who asks one system
| pages(mark)                         records, page after page, as elements spelt like the national portal's
`- Page.mark                          where the next page begins, kept together with what the page brought

Knows neither the store nor a clock: bookmarks come and go as values, waiting is done by whoever asks.
"""
