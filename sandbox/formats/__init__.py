"""Other people's documents, in and out, as pure text: no module here opens a file or a socket."""
