"""The navigation offers what its reader may open, and nothing else."""

import re

import pytest


@pytest.mark.parametrize("who", ["alice", "ann", "lee", "dora", "root"])
def test_every_link_opens(request, client_for, account, who):
    client = client_for(request.getfixturevalue(who))
    page = client.get(account.get_absolute_url()).content.decode()
    links = set(re.findall(r'<a class="side-link" href="([^"]+)"', page))

    assert len(links) >= 8
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
