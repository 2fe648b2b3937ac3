"""Models as JSON: signed, with a format version and the list of columns. Never pickled."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from health.churn import trees
from health.churn.bgnbd import BgNbd
from health.churn.design import NAMES, Buying
from health.churn.errors import ModelOfAnotherVersion, ModelTampered
from health.churn.gamma_gamma import GammaGamma
from health.churn.logistic import Logistic
from health.churn.model import ChurnModel, Head, Training
from health.churn.rule import Rule

FORMAT, VERSION = "kam-churn-model", 2
Document = dict[str, Any]


def to_document(model: ChurnModel, key: str) -> Document:
    """The model as a document that `from_document` takes back, signed with `key`."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "columns": list(NAMES),
        "horizon": model.horizon,
        "order_days": model.order_days,
        "buying": {"plain": asdict(model.buying.plain), "busy": asdict(model.buying.busy)},
        "value": asdict(model.value) if model.value else None,
        "heads": {name: _head_out(head) for name, head in model.heads.items()},
        "fallen_share": model.fallen_share,
        "rule": asdict(model.rule),
        "training": asdict(model.training),
    }
    body = json.loads(json.dumps(body))  # tuples become lists: signed is what will be read
    return body | {"signature": signature(body, key)}


def from_document(document: Document, key: str) -> ChurnModel:
    """The model of a document. Raises ModelTampered, ModelOfAnotherVersion."""
    body = _checked(document, key)
    if (body.get("format"), body.get("version"), body.get("columns")) != (FORMAT, VERSION, list(NAMES)):
        raise ModelOfAnotherVersion
    training = body["training"] | {"snapshots": tuple(body["training"]["snapshots"])}
    return ChurnModel(
        horizon=body["horizon"],
        order_days=body["order_days"],
        buying=Buying(BgNbd(**body["buying"]["plain"]), BgNbd(**body["buying"]["busy"])),
        value=GammaGamma(**body["value"]) if body["value"] else None,
        heads={name: _head_in(head) for name, head in body["heads"].items()},
        fallen_share=body["fallen_share"],
        rule=rule_from(body["rule"]),
        training=Training(**training),
    )


def rule_document(rule: Rule, key: str) -> Document:
    """A document with nothing but a rule, signed with `key`."""
    body = json.loads(json.dumps({"format": FORMAT, "version": VERSION, "rule": asdict(rule)}))
    return body | {"signature": signature(body, key)}


def rule_in(document: Document, key: str) -> Rule:
    """The rule of a document. Raises ModelTampered, ModelOfAnotherVersion."""
    body = _checked(document, key)
    if (body.get("format"), body.get("version")) != (FORMAT, VERSION):
        raise ModelOfAnotherVersion
    return rule_from(body["rule"])


def _checked(document: Document, key: str) -> Document:
    """What was signed."""
    body = {name: value for name, value in document.items() if name != "signature"}
    if not hmac.compare_digest(str(document.get("signature", "")), signature(body, key)):
        raise ModelTampered
    return body


def rule_from(document: Document) -> Rule:
    """The rule as it was written."""
    return Rule(tuple(document["shares"]), tuple(document["fallen"]), document["learnt_from"])


def signature(body: Document, key: str) -> str:
    """HMAC-SHA256 over the canonical JSON of the document."""
    text = json.dumps(_canonical(body), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _canonical(value: Any) -> Any:
    """Databases write numbers in ways of their own (1e22 as a whole number, -0.0 as 0.0): all are read alike."""
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_canonical(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    return value


def _head_out(head: Head) -> Document:
    return {
        "center": head.logistic.center.tolist(),
        "scale": head.logistic.scale.tolist(),
        "weights": head.logistic.weights.tolist(),
        "trees": trees.to_document(head.forest),
        "share": head.share,
    }


def _head_in(document: Document) -> Head:
    logistic = Logistic(*(np.array(document[name], dtype=np.float64) for name in ("center", "scale", "weights")))
    return Head(logistic, trees.from_document(document["trees"]), document["share"])
