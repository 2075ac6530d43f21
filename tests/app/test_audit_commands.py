"""What an operator hears of the ledger: whole or broken, where, and how far it is anchored."""

import json
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from app import audit, upkeep
from app.house import House
from app.kit.db import connect
from app.kit.settings import ROOT
from tests.app.ledger import COUNTIES, act, sealed, write

pytestmark = pytest.mark.anyio


async def shouwang(house: House, *words: str) -> tuple[int | None, str, str]:
    """Exit code, what a command said, and what it complained of."""
    environment = os.environ | {
        "DATABASE_URL": house.database.dsn, "SHOUWANG_DATA_DIR": str(house.settings.data_dir), "COLUMNS": "80",
    }  # fmt: skip
    running = await create_subprocess_exec(
        sys.executable, "-m", "app", *words, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )
    said, complained = await running.communicate()
    return running.returncode, said.decode(), complained.decode()


@pytest.mark.proves("T06")
async def test_verify_says_whole_or_the_first_broken_place_of_every_chain(empty_house: House, tmp_path: Path) -> None:
    await upkeep.migrate(empty_house)
    path, copy = audit.heads_file(empty_house.settings.data_dir), tmp_path / "copy.jsonl"
    path.unlink(missing_ok=True)
    code, _, complained = await shouwang(empty_house, "audit", "heads")
    assert (code, "no anchored heads yet" in complained) == (2, True)
    await sealed(empty_house, path, [act(number, COUNTIES[number % 2]) for number in range(60)])
    code, line, told = await shouwang(empty_house, "audit", "heads")
    assert (code, len(json.loads(line)["heads"])) == (0, 2)
    assert "public key" in told
    copy.write_text(line)
    meddler = await connect(empty_house.database.dsn)
    await write(meddler, [act(1)])
    code, said, _ = await shouwang(empty_house, "audit", "verify", "--heads", str(copy))
    assert code == 0, said
    assert "60 acts in 2 chains verified, 2 anchored lines read" in said
    assert "0 acts after it are not anchored yet" in said
    assert "the sealer is behind: 1 acts wait" in said
    assert said.endswith("the ledger is whole\n")
    await meddler.execute("UPDATE audit_ledger SET role = 'doctor' WHERE chain = $1 AND seq = 7", COUNTIES[0])
    await meddler.execute("DELETE FROM audit_ledger WHERE chain = $1 AND seq > 20", COUNTIES[1])
    await meddler.close()
    path.unlink()
    code, said, _ = await shouwang(empty_house, "audit", "verify", "--heads", str(copy))
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("BROKEN")] == [
        f"BROKEN  chain {COUNTIES[1]}, act 21 to 30: cut tail", f"BROKEN  chain {COUNTIES[0]}, act 7: edited",
    ]  # fmt: skip
    code, _, complained = await shouwang(empty_house, "audit", "verify", "--heads", str(tmp_path / "none"))
    assert (code, "there is no file" in complained) == (2, True)
