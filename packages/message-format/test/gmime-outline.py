# Prints what GMime sees in each message that is named: a line of JSON a file.
import hashlib, json, sys
import gi

gi.require_version('GMime', '3.0')
from gi.repository import GMime

GMime.init()


def attempt(read):
    # Text that is not UTF-8 cannot be handed to Python.
    try:
        return read()
    except UnicodeDecodeError:
        return None


def addresses(found):
    listed = []
    for index in range(found.length() if found else 0):
        address = found.get_address(index)
        if isinstance(address, GMime.InternetAddressGroup):
            listed += addresses(address.get_members())
        else:
            listed.append([address.get_name() or '', address.get_addr() or ''])
    return listed


def content(part):
    wrapper = part.get_content()
    if wrapper is None:
        return b''
    memory = GMime.StreamMem.new()
    wrapper.write_to_stream(memory)
    memory.flush()
    return bytes(memory.get_byte_array() or b'')


def outline(part, leaves):
    kind = part.get_content_type()
    name = (kind.get_media_type() + '/' + kind.get_media_subtype()).lower()
    if isinstance(part, GMime.MessagePart):
        message = part.get_message()
        return name + '(' + outline(message.get_mime_part(), leaves) + ')' if message else name
    if isinstance(part, GMime.Multipart):
        members = [outline(part.get_part(index), leaves) for index in range(part.get_count())]
        return name + ('(' + ' '.join(members) + ')' if members else '')
    body = content(part)
    text = attempt(part.get_text) if isinstance(part, GMime.TextPart) else None
    leaves.append({'type': name, 'size': len(body), 'sha1': hashlib.sha1(body).hexdigest(), 'filename': attempt(part.get_filename), 'text': text})
    return name


def read(name):
    with open(name, 'rb') as file:
        parser = GMime.Parser.new_with_stream(GMime.StreamMem.new_with_buffer(file.read()))
    parser.set_format(GMime.Format.MESSAGE)
    message = parser.construct_message(GMime.ParserOptions.new())
    if message is None or message.get_mime_part() is None:
        return None
    leaves = []
    return {
        'outline': outline(message.get_mime_part(), leaves),
        'leaves': leaves,
        'subject': attempt(message.get_subject),
        'from': attempt(lambda: addresses(message.get_from())),
        'to': attempt(lambda: addresses(message.get_to())),
    }


for name in sys.argv[1:]:
    print(json.dumps(read(name)))
