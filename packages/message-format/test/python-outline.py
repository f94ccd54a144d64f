# Prints what Python's email package sees in each message that is named: a line of JSON a file.
import email, hashlib, json, sys


def outline(message):
    kind = message.get_content_type()
    if message.is_multipart():
        return kind + '(' + ' '.join(outline(part) for part in message.get_payload()) + ')'
    return kind


def leaves(message):
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True) or b''
        yield {'type': part.get_content_type(), 'size': len(payload), 'sha1': hashlib.sha1(payload).hexdigest(), 'filename': part.get_filename()}


for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        message = email.message_from_bytes(file.read())
    print(json.dumps({
        'name': name,
        'outline': outline(message),
        'leaves': list(leaves(message)),
        'fields': len(message.keys()),
    }))
