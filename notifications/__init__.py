"""Messages to people and systems: written with their cause, sent after it, and what became of them.

    kinds       what may be told, by which channels, and what is done in doubt                  data
    outbox      OutboxDraft -> a message in the store, in the transaction of its cause
    standing    is what it says still so? asked just before it is sent
    dispatch    claims one message, hands it to its channel, writes down the outcome
    channels/   the ways out behind one protocol: SMTP, signed webhook, gateway, in-app, further services
    receipts    delivery reports and signed calls -> events of the message

A channel says when it is about to let go of a message; that is committed before it does. A process that dies before
leaves a message that is sent again; one that dies after leaves `unsure`: nothing is doubled, nothing silently lost.
"""
