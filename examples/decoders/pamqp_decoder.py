"""pamqp as a decoder: pip install pamqp; mqspec decoder -- python3 pamqp_decoder.py"""
import datetime, decimal, json, math, sys
from pamqp import body, frame, header, heartbeat

def plain(value):
    if isinstance(value, dict): return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list): return [plain(v) for v in value]
    if isinstance(value, (bytes, bytearray)): return {"hex": value.hex()}
    if isinstance(value, datetime.datetime): return int(value.timestamp())
    if isinstance(value, decimal.Decimal) or isinstance(value, float) and not math.isfinite(value): return str(value)
    return value

def told(frame):  # two fields have other names in pamqp, and an absent cluster-id is empty
    given = ((k, v) for k, v in frame if v is not None and (k, v) != ("cluster_id", ""))
    return {"type" if k in ("exchange_type", "message_type") else k: plain(v) for k, v in given}

for line in sys.stdin:
    try:
        _, channel, f = frame.unmarshal(bytes.fromhex(line))
        match f:
            case heartbeat.Heartbeat(): ok = {"type": "heartbeat"}
            case body.ContentBody(): ok = {"type": "body", "body": f.value.hex()}
            case header.ContentHeader(): ok = {"type": "header", "class-id": f.class_id, "weight": f.weight,
                                               "body-size": f.body_size, "properties": told(f.properties)}
            case header.ProtocolHeader(): ok = {"type": "protocol-header", "major": f.major_version,
                                                "minor": f.minor_version, "revision": f.revision}
            case _: ok = {"type": "method", "method": f.name, "fields": told(f)}
        answer = {"ok": {"channel": channel, **ok}}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
