"""How the guards of the second factor and of single sign-on are taken out (`scripts/guard_removals.py`)."""

from scripts.removal import Removal

AUTH, HALFWAY, FACTOR = "app/views/auth.py", "app/halfway.py", "app/second_factor.py"
FACTOR_PAGE, STORE, KEY = "app/views/second_factor.py", "tracker/store/second_factors.py", "app/factor_key.py"
SIGN_ON, PROVIDER, SIGN_ON_PAGE = "app/sign_on.py", "app/sign_on_provider.py", "app/views/sign_on.py"

ACCESS_REMOVALS = [
    # ---- two steps
    Removal("the code is asked for", AUTH, "    if account.second_factor and not is_strong:", "    if False:"),
    Removal("half-way is over after five minutes", HALFWAY, "0 <= age <= LASTS.total_seconds()", "0 <= age"),
    Removal(
        "half-way is bound to the password", HALFWAY, 'found.session_salt != noted["salt"] or found', "found"
    ),
    Removal("half-way leads in once", HALFWAY, ' or found.second_factor_step != noted["step"]'),
    Removal(
        "half-way leads a closed account nowhere", HALFWAY,
        "found is None or found.disabled_at is not None or", "found is None or",
    ),
    Removal(
        "a new session at the first step", HALFWAY, "    session.clear()\n    session[KEY]", "    session[KEY]"
    ),
    Removal(
        "the second step leads to our own pages only", AUTH,
        'redirect(target(request.args.get("next")) or', 'redirect(request.args.get("next") or',
    ),
    Removal(
        "cookies are signed by the key of this installation", "app/web.py",
        "session_secret(context.data_dir)", '"another key than that of this place"',
    ),
    # ---- codes
    Removal("no code is good twice", STORE, ", User.second_factor_step < step"),
    Removal("of two with a code at once one gets in", STORE, "User.second_factor_step == before, "),
    Removal("a recovery code is good once", STORE, "        RecoveryCode.used_at.is_(None),\n"),
    Removal("a recovery code is its account's", KEY, '_bound(account_id) + b"\\0" + code.encode()', "code.encode()"),
    Removal("wrong codes count", FACTOR, "count_failure(context.store, context.config.web, account, now)", "False"),
    Removal(
        "a locked account takes no code", FACTOR, "account.locked_until is not None and account.locked_until > now", "False"
    ),
    Removal("a password makes guessing codes not free", "app/accounts.py", "not account.second_factor and (", "("),
    Removal(
        "codes by address", AUTH,
        '"/dang-nhap/ma", methods=["GET", "POST"], permission=Permission(public=True, limit=LOGINS)',
        '"/dang-nhap/ma", methods=["GET", "POST"], permission=Permission(public=True)',
    ),
    # ---- what is kept, and the page
    Removal("factors are kept encrypted", FACTOR, "key.seal(secret, account.account_id)", "secret"),
    Removal("a sealed factor is its account's", KEY, 'f"account {account_id}".encode()', 'b""'),
    Removal(
        "no log-in makes a new key of factors", KEY, "    if not path.exists() and not may_make:\n        raise FactorKeyLost\n"
    ),
    Removal(
        "a secret is shown after the password", FACTOR_PAGE,
        "    if not password_fits(account.password_hash, form.present.data):\n        form.present.errors = [WRONG_PASSWORD]\n"
        "        return _page(begin_form=form), 400\n",
    ),
    Removal(
        "a factor begins with a code", FACTOR_PAGE,
        "    if step is None:\n        form.code.errors = form.code.errors or [WRONG_CODE]\n        return _page(code_form=form), 400\n",
        "    step = step or 1\n",
    ),
    Removal(
        "setting up ends other sessions", FACTOR, "        people.end_sessions(session, account.account_id, salt)\n        audit", "        audit"
    ),
    Removal(
        "switching off needs password and code", FACTOR_PAGE,
        "    if not _both_fit(form):\n        return _page(off_form=form), 400\n",
    ),
    Removal(
        "new recovery codes need password and code", FACTOR_PAGE,
        "    if not _both_fit(form):\n        return _page(codes_form=form), 400\n",
    ),
    Removal(
        "roles that must have a second factor", "app/guard.py",
        "sessions.lacks_factor(current.account()) and request.endpoint not in BEFORE_OWN_FACTOR", "False",
    ),
    Removal(
        "who must have one does not switch it off", FACTOR_PAGE,
        "account.role in current.context().config.web.second_factor_roles and not account.is_demo:\n        flash", "False:\n        flash",
    ),
    Removal(
        "a lost factor is the one that was asked about", "app/access_changes.py",
        '{"since": account.second_factor_since.isoformat()}', "{}",
    ),
    # ---- single sign-on: the way back
    Removal("state of a sign-on", SIGN_ON, " or not hmac.compare_digest(pending.state.encode(), state.encode())"),
    Removal("a sign-on is good once", SIGN_ON_PAGE, "        _only_once(pending)\n"),
    Removal("a sign-on is over after ten minutes", SIGN_ON, "not 0 <= now.timestamp() - pending.at + 1 <= LASTS.total_seconds()", "False"),
    Removal("proof of a sign-on (PKCE)", SIGN_ON, '        "code_challenge": _challenge(pending.verifier),\n'),
    Removal("issuer of an answer", SIGN_ON, '    _check_issuer(config, provider, answer.get("iss"))\n'),
    Removal("a sign-on leads to our own pages only", SIGN_ON_PAGE, "enter(account, SIGN_ON, target(pending.wanted),", "enter(account, SIGN_ON, pending.wanted,"),
    Removal(
        "no other site begins a sign-on", SIGN_ON_PAGE,
        '"/dang-nhap/mot-lan", permission=Permission(public=True, limit=SIGN_ONS, here_only=True)',
        '"/dang-nhap/mot-lan", permission=Permission(public=True, limit=SIGN_ONS)',
    ),
    # ---- single sign-on: the token
    Removal(
        "signature of an ID token", SIGN_ON,
        "jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)",
        '(lambda parts: jwt.Token(parts[0], parts[1]))([__import__("json").loads(base64.urlsafe_b64decode(p + "===")) for p in token.split(".")[:2]])',
    ),
    Removal("nonce of an ID token", SIGN_ON, '{"nonce": nonce, "client_id"', '{"client_id"'),
    Removal("an ID token is for us", SIGN_ON, '            "aud": {"essential": True, "value": config.client_id},\n'),
    Removal("issuer of an ID token", SIGN_ON, '            "iss": {"essential": True, "value": config.issuer},\n'),
    Removal("an ID token ends", SIGN_ON, "leeway=LEEWAY", "leeway=10**9"),
    # ---- single sign-on: the provider
    Removal("the provider names the configured issuer", PROVIDER, '    if told.get("issuer") != config.issuer:\n        raise SignOnAway\n'),
    Removal(
        "hosts of the provider", PROVIDER,
        '    if host not in {(issuer.hostname or "").lower(), *config.hosts}:\n        raise SignOnAway\n',
    ),
    Removal(
        "the provider speaks TLS", PROVIDER,
        'parts.scheme != "https" and not (parts.scheme == issuer.scheme == "http" and is_loopback(host))', "False",
    ),
    Removal("size of an answer of the provider", PROVIDER, "ANSWER_SECONDS, ANSWER_MIB = 10, 1\n", "ANSWER_SECONDS, ANSWER_MIB = 10, 100\n"),
    # ---- single sign-on: accounts
    Removal(
        "closed and demonstration accounts by a provider", SIGN_ON_PAGE,
        "account is None or account.disabled_at is not None or account.is_demo", "account is None or account.is_demo",
    ),
    Removal(
        "closed and demonstration accounts by a provider", SIGN_ON_PAGE,
        "account is None or account.disabled_at is not None or account.is_demo", "account is None or account.disabled_at is not None",
    ),
    Removal("our second factor after a sign-on", SIGN_ON, "config.trusts_second_factor and not STRONG.isdisjoint(methods)", "True"),
    Removal("linking needs the password", SIGN_ON_PAGE, "not may_link() or current.account().is_demo", "current.account().is_demo"),
    Removal(
        "an answer is linked to who began it", SIGN_ON_PAGE,
        "    if account.account_id != pending.link_to:\n        return _told(str(SignOnRefused()))\n",
    ),
    Removal("nobody at the provider is two accounts", STORE, "other is not None and other != account_id", "False"),
    Removal(
        "passwords where they are switched off", AUTH,
        "not config.web.has_password_login and Role(attempt.account.role) not in ADMINS", "False",
    ),
    # ---- who had late dossiers in hand
    Removal("the report on responsibility by role", "app/report_kinds.py", "        roles=UNIT_READERS,\n"),
    Removal(
        "of others' dossiers a unit reads its own steps", "tracker/pipeline/responsibility.py",
        "if self._units is not None and dossier.unit_id not in self._units:\n            own", "if False:\n            own",
    ),
    Removal(
        "reasons of the report on responsibility are masked", "tracker/reports/responsibility_book.py",
        'return text if names else "(ẩn)"', "return text",
    ),
    Removal(
        "causes name no officer", "tracker/store/cause_queries.py",
        "if officer and step.department and fold(officer) == fold(step.department):", "if False:",
    ),
]  # fmt: skip
