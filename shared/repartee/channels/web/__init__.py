"""The web: messages by HTTP, replies as server-sent events that can be read on after a lost connection.

    POST /chat                says something, {"text", "id"?, "conversation"?}, and streams what becomes of it
    GET  /chat/{turn}/events  reads on, from the event after Last-Event-ID if that header is there
    GET  /chat/{conversation}/live  what is said beside the replies, after Last-Event-ID

All want a bearer token, and answer with these events, whose data is JSON:

    status    {"text"}              what goes on while nothing of the reply is visible yet
    delta     {"text"}              the reply goes on with this
    replaced  {"text"}              the reply, as far as it is, is this
    done      {"turn", "withheld"}  it is complete; withheld: there is none, because of a mute or a stop
    message   {"id", "by", "text"}  beside the replies: what a member of the team wrote, or the desk says
    error     {"turn", "error"}     there is no answer; what is to be said about that was said as the reply

`turn` is `<conversation>.<id of the message>`: who chooses the id knows it before the answer, and may send
the same message again until it has arrived. A stream that ends without `done` or `error` is to be read on.
"""
