#!/usr/bin/env python3
"""Reference numbers and vectors of a sentence model, for Tests/InsightTests/Text/sentences.json.

    pip install transformers==4.49.0 flax==0.10.2 jax==0.4.38 'numpy<2.2' tokenizers safetensors
    script/peers/sentences.py MODEL-FOLDER > Tests/InsightTests/Text/sentences.json

Numbers by Hugging Face's `tokenizers`, the last layer by Flax (no PyTorch), mean over the tokens, length 1; vectors as
little-endian 32-bit floats in base64.
"""
import base64, json, sys
import numpy as np
from transformers import BertTokenizerFast, FlaxBertModel

folder = sys.argv[1]
tokenizer = BertTokenizerFast.from_pretrained(folder)
model = FlaxBertModel.from_pretrained(folder)
texts = [
    "Which dose of Altrivexa in renal impairment?",
    "What does the set cost?",
    "Quelle est la posologie chez l'insuffisant rénal ? Réponse à l’hôpital, s'il vous plaît.",
    "Übermäßige Müdigkeit nach 20\u202fmg — ist das eine Nebenwirkung?",
    "¿Cuál es el precio del catéter (5,5\u00a0€/ud.)?",
    "Qual è il dosaggio? «Gravidanza»… e l'İlaç",
    "Ποια είναι η δόση; ΣΊΣΥΦΟΣ",
    "Какая доза при почечной недостаточности? Ёлка йод",
    "用药剂量是多少？对孕妇安全吗",
    "投与量はどのくらいですか。ガーゼ",
    "신장 장애 환자의 용량은?",
    "ما هي الجرعة الموصى بها؟",
    "गुर्दे की बीमारी में खुराक",
    "tabs\tand\nnew lines\r\n, zero\u200bwidth, soft\u00adhyphen, \ufffd \u0007 bell",
    "1.5×10⁻³ mg/kg; $30+ <=> ^_` {|} ~ ™ ½ ﬁne e\u0301t\u00e9 ǅ ẞ",
    "emoji 👍🏽 and 👩‍⚕️ doctors",
    "a" * 101 + " " + "b" * 100,
    "",
    "   ",
    "The pump stopped during surgery and the patient had to be moved to intensive care. " * 25,
]

result = []
for text in texts:
    numbers = tokenizer([text], truncation=True, max_length=256, return_tensors="np")
    last = np.asarray(model(**numbers).last_hidden_state, dtype=np.float64)[0].mean(0)
    vector = (last / np.linalg.norm(last)).astype("<f4")
    result.append({
        "text": text, "numbers": numbers["input_ids"][0].tolist(),
        "vector": base64.b64encode(vector.tobytes()).decode()})
json.dump(result, sys.stdout, ensure_ascii=True, indent=0)
print()
