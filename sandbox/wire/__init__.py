"""The only room that knows httpx and respx: live sending, and mocked sending through a real client.

``live.LiveAnswerer`` and ``mocked.MockedAnswerer`` answer a walk; ``errors`` says what each
exception of httpx means. Importing this package loads neither library; its modules do.
"""
