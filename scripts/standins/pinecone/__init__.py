"""Stand-in of Pinecone: the control plane and the data plane over HTTP."""
