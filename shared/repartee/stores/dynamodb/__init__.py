"""Inbox, leases, records, rates and events in one DynamoDB table.

    pk       sk               what
    chat     message#<id>     a message; `open` while it waits for its answer
    chat     exchange#<turn>  both sides of a turn; `open` until it is remembered
    chat     turn             the chat's lease, and how far its turn has come
    place    control          what is ordered for a room or chat: mute, stop
    room     meeting          its newest meeting
    chat     summary          what was said before its newest messages, in short
    place    spent#<day>      what calls of models took that day, in a room or workspace
    vectors# vectors          vectors of texts that do not change
    person   profile          what is known of a person
    person   workout#<day>#…  an exercise that they did on that day
    person   course           what their coach agreed with them: plan, goals
    place    coach            how a workspace wants its coach
    chat     conversation     the newest exchanges with the coach
    person   rate#<begun>     how often they said something in the minute that began then
    events#… <id>             what web clients are told of a reply, up to the event of that id

Messages are in a table of their own (message_items.py), in a deployment without Weaviate.

`open` is the sort key of a sparse local index: what is open in a chat is one consistent Query, and what
is open anywhere is a Scan of an index that holds nothing else.
"""
