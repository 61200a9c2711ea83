"""Each vendor as data: what it sends, what counts as success, what happens to the person then."""
