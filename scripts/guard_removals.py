"""How each guard of docs/security.md is taken out, as `make guards` does it; which tests notice stands in the docs alone."""

from scripts.access_removals import ACCESS_REMOVALS
from scripts.foresight_removals import FORESIGHT_REMOVALS
from scripts.log_removals import LOG_REMOVALS
from scripts.privacy_removals import PRIVACY_REMOVALS
from scripts.removal import Removal

__all__ = ["REMOVALS", "Removal"]

# A guard of several parts has a removal for each; every test of its row must notice every one of them.
REMOVALS = [
    # ---- every request
    Removal(
        "log-in needed", "app/guard.py",
        'is_authenticated:\n        return redirect(url_for("auth.login", next=_came_from()))',
        # As whoever is the first account: a page that only breaks off without one would prove nothing.
        "is_authenticated:\n"
        '        login, db = __import__("flask_login"), current.context().store.read()\n'
        '        people = __import__("tracker.store.people", fromlist=["find_account"])\n'
        "        with db as session:\n"
        "            login.login_user(current.SessionUser(people.find_account(session, 1)))\n"
        "        return None",
    ),
    Removal(
        "role of the route", "app/guard.py",
        "    if not may(current.account().role, permission):\n        abort(HTTPStatus.FORBIDDEN)\n",
    ),
    Removal(
        "a route without permission is open to nobody", "app/guard.py",
        "is None:\n        abort(HTTPStatus.NOT_FOUND)", "is None:\n        return None",
    ),
    # ---- units and personal data
    Removal(
        "scope by unit", "app/current.py",
        'return cast("frozenset[int] | None", g.scope)', "return None",
    ),
    Removal(
        "a unit that is asked for", "app/current.py",
        "    if own is not None and unit_id not in own:\n        abort(404)\n",
    ),
    Removal(
        "officers' figures for the head of the unit alone", "app/unit_page.py",
        "is_head = self.role is Role.HEAD and self.account.unit_id is not None", "is_head = True",
    ),
    Removal(
        "looking at a unit is logged", "app/views/unit_home.py", '    current.log("unit_home", _subject(who), seen)\n'
    ),
    Removal("masking by role", "app/access.py", "return Role(role) in SEES_NAMES", "return True"),
    Removal("administrators read no applicant", "app/access.py", "OVERVIEW = ALL - {Role.ADMIN}", "OVERVIEW = ALL"),
    Removal("revealing needs a reason without personal data", "app/reveal.py", "len(note.strip()) < SHORTEST", "False"),
    Removal(
        "revealing needs a reason without personal data", "app/reveal.py",
        "return LONG_NUMBER.search(", "return False and LONG_NUMBER.search(",
    ),
    Removal("revealing needs a reason without personal data", "app/reveal.py", " or _names_applicant(note, row)"),
    Removal("revealed for ten minutes", "tracker/store/reveals.py", "            AuditEntry.at > now - lasts,\n"),
    Removal(
        "revealed of one dossier, to one account", "tracker/store/reveals.py", "            AuditEntry.actor == login,\n"
    ),
    Removal(
        "revealed of one dossier, to one account", "tracker/store/reveals.py",
        "            AuditEntry.subject == subject_of(dossier_id),\n",
    ),
    Removal(
        "revealing is logged", "app/reveal.py",
        "    current.log(reveals.ACTION, reveals.subject_of(row.dossier_id), detail)\n",
    ),
    Removal(
        "letters only for who reads names", "app/views/letters.py",
        "Permission(SEES_NAMES, scoped=True, here_only=True)", "Permission(OVERVIEW, scoped=True, here_only=True)",
    ),
    Removal(
        "free text of sources is masked", "app/presenters.py",
        'return (text or "") if visible or not text else HIDDEN', 'return text or ""',
    ),
    Removal(
        "the list worth an hour by scope", "app/views/simulator.py",
        "    asked = current.units_asked(chosen.unit_id)\n", "    asked = None\n",
    ),
    Removal(
        "the list worth an hour is for who opens dossiers", "app/views/simulator.py",
        "    if not may(current.account().role, LIST):\n        return Saving()\n",
    ),
    Removal(
        "looking at the list worth an hour is logged", "app/views/simulator.py",
        '    current.log("simulator_list", "list", detail)\n',
    ),
    Removal(
        "causes by scope", "app/views/causes.py",
        "    unit_ids = current.units_asked(chosen.unit_id)\n", "    unit_ids = None\n",
    ),
    Removal(
        "event logs by scope", "app/views/causes.py",
        "View(current.now(), current.units_asked(chosen.unit_id), names=False)",
        "View(current.now(), None, names=False)",
    ),
    Removal(
        "reasons of few dossiers are masked", "app/cause_page.py",
        "if reader.names or line.sums.late >= SHARED_REASON", "if True",
    ),
    Removal(
        "event logs name no officer", "tracker/measures/event_log.py",
        '"" if step.is_officer else step.department', "step.department",
    ),
    Removal(
        "only the catalogue's words enter the log of causes", "app/cause_filters.py",
        "field if field in fields else None", "field or None",
    ),
    Removal("notes hold no identity numbers", "app/notes.py", "return redact(kept)", "return kept"),
    Removal(
        "notes by scope", "tracker/store/notes.py",
        "query = select(Dossier.id, Dossier.code)\n    if unit_ids is not None:",
        "query = select(Dossier.id, Dossier.code)\n    if unit_ids is not None and False:",
    ),
    Removal(
        "notes are taken back by their author or the head", "app/notes.py",
        'return "" if may_take_back(note.account_id, asker) else NOT_YOURS', 'return ""',
    ),
    *FORESIGHT_REMOVALS,
    Removal(
        "texts of filters are not logged", "app/board_filters.py",
        "{**told, **dict.fromkeys(hidden & set(told), True)}", "told",
    ),
    Removal(
        "a number that was typed is not logged", "app/board_filters.py",
        ' | ({"linh-vuc"} if holds_long_number(str(self.field_id)) else set())',
    ),
    Removal("a number that was typed is not logged", "app/log_page.py", "(not ACTOR.fullmatch(actor) or holds_long_number(actor))", "not ACTOR.fullmatch(actor)"),
    Removal("a number that was typed is not logged", "app/views/rejected.py", "if loads.find(session, batch_id) is None:", "if False:"),
    Removal("a number that was typed is not logged", "app/audit_query_page.py", " or holds_long_number(seed)"),
    Removal("a choice of language leads to our own pages only", "app/views/language.py", 'target(request.form.get("ve"))', 'request.form.get("ve")'),
    Removal(
        "what was done for a unit that was left is shown no more", "app/views/letter_steps.py",
        ' or not is_within_scope(row.params["units"])',
    ),
    Removal(
        "what was done for a unit that was left is shown no more", "app/views/letter_papers.py",
        ' or not is_within_scope(row.params["view"]["units"])',
    ),
    Removal(
        "an act leads back to the board alone", "app/board_filters.py",
        "    address = read_text(text).as_address()\n", "    address = dict(parse_qsl(text[:2_000], keep_blank_values=True))\n",
    ),
    Removal(
        "a made file needs the present role", "app/views/work.py",
        " or not may(current.account().role, permission_of(current_app, asked_at))",
    ),
    Removal("codes of a calendar change by scope", "app/views/calendar.py", "unit_ids=units,", "unit_ids=None,"),
    Removal(
        "samples by scope", "app/views/calendar.py",
        "return [each for each in samples if each.code in own]", "return list(samples)",
    ),
    Removal(
        "administrators read no codes", "app/views/calendar.py",
        'return may(current.account().role, permission_of(current_app, "dossier.page"))', "return True",
    ),
    # ---- what the log holds
    Removal(
        "only the catalogue's words enter the log", "app/late_filters.py",
        "return text if text in known else None", "return text or None",
    ),
    Removal(
        "no personal data in the reason for closing", "app/views/admin.py",
        "holds_long_number(form.reason.data) or holds_name(form.reason.data, shown.full_name)", "False",
    ),
    Removal("decisions are bound by the log", "tracker/store/audit.py", "*changed_decisions(session), ", ""),
    Removal("entered editions are those that were decided", "tracker/store/audit.py", "*unfounded_editions(session), ", ""),
    Removal("words of the first day are those that were said", "tracker/store/audit.py", ", *unfounded_words(session))", ")"),
    Removal("packs of the register are those that were made", "tracker/store/audit.py", ", *changed_packs(session))", ")"),
    # ---- forms and answers
    Removal(
        "token of every form (CSRF)", "app/web.py",
        "    tokens = CSRFProtect(app)\n", '    app.config["WTF_CSRF_CHECK_DEFAULT"] = False\n    tokens = CSRFProtect(app)\n',
    ),
    Removal(
        "token of every form (CSRF)", "app/web.py",
        "is not None and (permission.signed or permission.uploads or permission.scope):", "is not None:",
    ),
    Removal("token of a form that takes files", "app/guard.py", '    current_app.extensions["csrf"].protect()\n'),
    Removal(
        "size of an upload, before it is read", "app/guard.py",
        "current.context().config.ingest.max_upload_mib * MIB", "MIB * MIB",
    ),
    Removal("sources are the whole province's", "app/views/sources.py", "        abort(403)\n\n\n@", "        pass\n\n\n@"),
    Removal("size of a form", "app/web.py", '        "MAX_CONTENT_LENGTH": FORM_BYTES,\n'),
    *(
        Removal("content policy and each other header", "app/security.py", f'"{header}"', '"X-Of-No-Use"')
        for header in (
            "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
            "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
        )
    ),
    Removal(
        "content policy and each other header", "app/security.py",
        '        response.headers["Cache-Control"] = "no-store"\n', "        pass\n",
    ),
    Removal(
        "nothing with data is kept by a browser", "app/security.py",
        '        response.headers["Cache-Control"] = "no-store"\n',
        '        response.headers.setdefault("Cache-Control", "no-store")\n',
    ),
    Removal(
        "nobody is found by name who may not be read by name", "app/search_page.py",
        "        meant = meant.by_code_only()\n", "        pass\n",
    ),
    Removal(
        "a search by the units of the dossiers themselves", "tracker/store/search_queries.py",
        "query.where(c.resolving_unit_id.in_(UNITS)) if is_narrowed else query", "query",
    ),
    Removal("what is found fits what was typed", "app/search_page.py", "filter(meant.fits, found.found)", "found.found"),
    Removal("no page of another site reads suggestions", "app/views/search.py", " here_only=True,"),
    Removal("no search is a way to read names through", "app/views/search.py", "scoped=True, limit=SEARCHES", "scoped=True"),
    Removal("no search is a way to read names through", "app/views/search.py", "here_only=True, limit=SEARCHES", "here_only=True"),
    Removal(
        "another site causes no download", "app/guard.py",
        'permission.here_only and request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE', "False",
    ),
    Removal(
        "https stays https", "app/security.py",
        '        response.headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)', "        pass",
    ),
    Removal(
        "cookie flags and `__Host-`", "app/security.py",
        'return f"__Host-{COOKIE}" if request.is_secure else COOKIE', "return COOKIE",
    ),
    Removal("cookie flags and `__Host-`", "app/security.py", "return request.is_secure\n", "return False\n"),
    Removal("cookie flags and `__Host-`", "app/web.py", 'HTTPONLY": True', 'HTTPONLY": False'),
    Removal("cookie flags and `__Host-`", "app/web.py", '        "SESSION_COOKIE_SAMESITE": "Lax",\n'),
    # ---- hosts, proxies, addresses
    Removal("host names", "app/security.py", 'return ["localhost", "127.0.0.1", *own, *allowed]', "return []"),
    Removal("host names", "app/web.py", '        "TRUSTED_HOSTS": trusted_hosts(web.allowed_hosts, web.host),\n'),
    Removal("trust in proxies", "app/proxies.py", "if is_within(parsed(environ[PEER]), self._trusted):", "if told:"),
    Removal("forwarded headers are dropped", "app/proxies.py", "environ.pop(name)", "environ[name]"),
    Removal(
        "this machine's own address", "app/security.py",
        "except ValueError:\n        return False", 'except ValueError:\n        return host.startswith("127.")',
    ),
    Removal("binding to 127.0.0.1", "config.toml", 'host = "127.0.0.1"', 'host = "0.0.0.0"'),
    # ---- tries
    Removal("log-ins by address", "app/guard.py", "    _hold_back(permission)\n"),
    Removal("log-ins by address", "app/tries.py", " > limit.count", " < 0"),
    Removal("counted by all processes", "tracker/store/tries.py", "return None\n    return count", "return None\n    return None"),
    Removal(
        "counted while the database is busy", "app/tries.py",
        "self._count_alone(key, limit, now) if count is None", "0 if count is None",
    ),
    Removal("a count keeps nobody waiting", "tracker/store/tries.py", "            _be_brief(connection)\n"),
    Removal("tries of the present password", "app/views/account.py", ", limit=PASSWORDS)", ")"),
    Removal("lock of an account", "tracker/store/people.py", "user.failed_logins >= lock_after", "False"),
    Removal("lock of an account", "app/accounts.py", "account.locked_until is not None and account.locked_until > now", "False"),
    # ---- passwords and sessions
    Removal(
        "argon2id", "app/accounts.py",
        "    return PasswordHasher()", "    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)",
    ),
    Removal("argon2id", "app/accounts.py", ".hash(password)\n", '.hash(password, salt=b"the same for all")\n'),
    Removal("idle time", "app/sessions.py", "idle > web.session_minutes * 60 or "),
    Removal("what a script asks keeps no session alive", "app/guard.py", "not permission.polled", "True"),
    Removal("longest session", "app/sessions.py", " or age > web.session_hours * 3600"),
    Removal(
        "another password makes no session young", "app/sessions.py",
        'age stays."""\n    login_user(SessionUser(account))', 'age stays."""\n    begin(account)',
    ),
    Removal(
        "a new session at log-in (fixation)", "app/sessions.py",
        "    session.clear()\n    session.permanent", "    session.permanent",
    ),
    Removal("a session bears the account's salt", "app/web.py", " or account.session_salt != salt"),
    Removal(
        "log-out everywhere", "app/views/auth.py",
        "        people.end_sessions(db, account.account_id, new_salt())\n", "        pass\n",
    ),
    Removal(
        "another password ends sessions", "tracker/store/people.py",
        "            session_salt=session_salt,\n            failed_logins=0,\n            locked_until=None,\n            must_change",
        "            failed_logins=0,\n            locked_until=None,\n            must_change",
    ),
    Removal(
        "another role or unit ends sessions", "tracker/store/people.py",
        "unit_id=unit_id, session_salt=session_salt)", "unit_id=unit_id)",
    ),
    Removal("a closed account ends sessions", "app/web.py", " or account.disabled_at is not None"),
    Removal("a closed account logs in no more", "app/accounts.py", " or account.disabled_at is not None:", ":"),
    Removal(
        "a told password has to be changed", "app/guard.py",
        "current.account().must_change_password and request.endpoint not in BEFORE_OWN_PASSWORD", "False",
    ),
    Removal("a told password has to be changed", "app/accounts.py", "password == before", "False"),
    Removal(
        "log-in leads to our own pages only", "app/views/auth.py",
        """ if ours and not address.startswith(("//", "/\\\\")) and "\\\\" not in address else None""",
    ),
    # ---- demonstration accounts and names
    Removal("demonstration accounts: address", "app/commands/serve_command.py", "demo and not is_loopback(host)", "False"),
    Removal("demonstration accounts: address", "app/commands/serve_command.py", "    check_address(context, listen_on)\n"),
    Removal(
        "demonstration accounts: log-in", "app/views/auth.py",
        "actor=account.login)\n    return LoginAttempt(None)", "actor=account.login)\n    return attempt",
    ),
    Removal(
        "demonstration accounts: cookie", "app/web.py", "account.is_demo and not is_from_this_machine(request.environ)", "False"
    ),
    Removal("names of the program are no logins", "app/accounts.py", "login in NO_LOGINS", "False"),
    # ---- two persons
    Removal("two persons", "tracker/types/deciding.py", " and _same(proposer) != _same(decider)"),
    Removal("two persons", "app/two_person.py", "not may_decide(row.asked.proposed_by, person.login)", "False"),
    Removal(
        "the decider's role is that of now", "app/two_person.py",
        "    _check_role(session, kind, person)\n    return row, kind", "    return row, kind",
    ),
    Removal("the decider's role is that of now", "app/accounts.py", " or account.disabled_at is not None or Role", " or Role"),
    Removal("the decider's role is that of now", "app/accounts.py", " or Role(account.role) not in roles"),
    Removal(
        "applied on what stood, or not at all", "app/two_person.py",
        "kind.before(session, payload) != row.asked.before", "False",
    ),
    Removal("applied once", "app/two_person.py", "row.state is not ChangeState.PROPOSED", "False"),
    Removal(
        "a worker asks for the decider's role", "app/works/calendar_changing.py", "    require_role(session, actor, CALENDAR)\n"
    ),
    Removal(
        "nobody revives what another gave up", "app/work_page.py",
        "again=own or (is_admin and not is_personal)", "again=acts",
    ),
    # ---- due dates by a secret link
    Removal(
        "a secret link shows what its account may see now", "app/feed_acts.py",
        "    if own is not None and feed.unit_id not in own:\n        return None\n",
    ),
    Removal(
        "a secret link shows what its account may see now", "app/feed_acts.py",
        "if account.disabled_at is not None or Role(account.role) not in FEED_MAKERS:\n        return None",
        "if Role(account.role) not in FEED_MAKERS:\n        return None",
    ),
    Removal(
        "a secret link shows what its account may see now", "app/feed_acts.py",
        "if account.disabled_at is not None or Role(account.role) not in FEED_MAKERS:\n        return None",
        "if account.disabled_at is not None:\n        return None",
    ),
    Removal("a revoked link opens nothing", "tracker/store/feed_store.py", "hash_of(token), Feed.revoked_at.is_(None))", "hash_of(token))"),
    Removal(
        "of a link's secret the hash is kept", "tracker/store/feed_store.py",
        "return hashlib.sha256(token.encode()).hexdigest()", "return token",
    ),
    Removal("units that a link may show", "app/feed_acts.py", "raise UsageError(NOT_YOURS)", "pass"),
    Removal(
        "a link shows names of the catalogue alone", "tracker/store/feed_store.py",
        'catalogued_procedure.label("procedure")', 'Procedure.name.label("procedure")',
    ),
    Removal(
        "links are revoked by their owner or an administrator", "app/views/feeds.py",
        " or (feed.account_id != account.account_id and Role(account.role) not in ADMINS)",
    ),
    Removal(
        "what readers keep brings no cookie", "app/security.py",
        "request.endpoint not in KEPT_BY_READERS and ",
    ),
    Removal("secret links by address", "app/guard.py", "(request.args or request.view_args)", "request.args"),
    Removal(
        "reading by a link is logged", "app/feed_acts.py",
        '            _log(session, Act(now, SYSTEM, "feed_read", _subject(feed.feed_id), detail))\n', "            pass\n",
    ),
    Removal(
        "links of a demonstration", "app/views/feeds.py",
        " or (opened.is_demo and not is_from_this_machine(request.environ))",
    ),
    # ---- systems that push
    Removal("units that a key may name", "tracker/pipeline/admission.py", "if unit_id in self._units:", "if True:"),
    Removal(
        "dossiers of other units from a key", "tracker/store/source_told.py",
        "return not own or not own.isdisjoint(units)", "return True",
    ),
    Removal(
        "progress of a dossier that could be anybody's", "tracker/pipeline/admission.py",
        "return _of_code(code, DOSSIER_UNKNOWN, NO_DOSSIER)", "return None",
    ),
    Removal("the unit in whose name a push comes", "app/receiver.py", "if unit_id in caller.units:", "if True:"),
    Removal("a look-up tells what the caller told", "tracker/store/source_told.py", "if source == source_id:", "if True:"),
    Removal(
        "size of a push", "app/views/receiver.py",
        "request.max_content_length = largest", "request.max_content_length = None",
    ),
    Removal(
        "depth of a push", "app/receiver_calls.py", "    _check_depth(document)\n    return document", "    return document"
    ),
    Removal(
        "pushes of a key", "app/views/receiver.py",
        '    _hold_back(f"receiver key {key.key_id}", Limit(context.config.receiver.per_minute, 60))\n',
    ),
    Removal(
        "unknown secrets by address", "app/views/receiver.py",
        '        _hold_back(f"receiver secret {rate_key(request.remote_addr)}", KEY_CHECKS)\n', "        pass\n",
    ),
    Removal("a system's session ends", "tracker/store/source_keys.py", ", SourceSession.expires_at > now"),
    Removal(
        "another secret ends a system's sessions", "tracker/store/source_keys.py",
        "disabled_at=None))\n    session.execute(delete(SourceSession).where(SourceSession.key_id == key_id))\n",
        "disabled_at=None))\n",
    ),
    Removal("a remembered secret has to fit what is kept now", "app/receiver_keys.py", "!= expected:", "is None:"),
    Removal("a key reaches all units only where somebody says so", "app/key_acts.py", "bool(wanted.units) is wanted.reaches_all", "False"),
    Removal("revoking a key on its page", "app/key_acts.py", "not source_keys.disable(session, key.key_id, now)", "False"),
    Removal("keys are made for the whole province", "app/views/keys.py", "blueprint.before_request(whole_province_only)\n", ""),
    Removal("a closed key opens nothing", "app/receiver_keys.py", "key is None or key.disabled_at is not None", "key is None"),
    Removal("the receiver is off until switched on", "app/views/receiver.py", "not current.context().config.receiver.is_on", "False"),
    Removal(
        "the receiver is off until switched on", "config.toml",
        "mở.\nenabled = false", "mở.\nenabled = true",
    ),
    Removal("drafter is not approver", "letters/approval.py", "not all(may_decide(author, approver) for author in wrote)", "False"),
    *ACCESS_REMOVALS,
    *PRIVACY_REMOVALS,
    *LOG_REMOVALS,
    # ---- the API
    Removal('a call needs a token', 'app/guard.py', '        door.enter(permission)\n        return None', '        return None'),
    Removal('role of an operation', 'app/api/door.py', 'if Role(account.role) not in permission.roles:', 'if False:'),
    Removal('scope of an operation', 'app/api/door.py', 'if permission.scope != ANY and permission.scope not in token.scopes:', 'if False:'),
    Removal('names by scope', 'app/current.py', 'return calling.names and sees_names(', 'return sees_names('),
    Removal("a token's secret has to fit", 'app/api/door.py', 'if token is None or not fits or not', 'if token is None or not'),
    Removal("of a token's secret the hash is kept", 'app/api/door.py', '        return hashed(self.secret)', '        return self.secret'),
    Removal("a token's time", 'tracker/store/api_tokens.py', 'return not self.revoked_by and now < self.expires_at', 'return not self.revoked_by'),
    Removal('a revoked token opens nothing', 'tracker/store/api_tokens.py', 'return not self.revoked_by and now', 'return now'),
    Removal('a token ends with the role, the unit or a told password', 'tracker/store/people.py', 'unit_id=unit_id, session_salt=session_salt)\n    )\n    api_tokens.end_all(session, account_id, api_tokens.BY_ROLE)\n', 'unit_id=unit_id, session_salt=session_salt)\n    )\n'),
    Removal('a token ends with the role, the unit or a told password', 'tracker/store/people.py', '        api_tokens.end_all(session, account_id, api_tokens.BY_PASSWORD)\n', '        pass\n'),
    Removal(
        "making a token needs the password", "app/views/tokens.py",
        "        if not unproved.is_proved:\n            return _page(form.not_proved(unproved)), 400\n",
    ),
    Removal(
        "making a token needs a code where there is a second factor", "app/own_proof.py",
        "if not account.second_factor:\n        return ProofFaults()", "if True:\n        return ProofFaults()",
    ),
    Removal("a new password ends the tokens of the account", "app/accounts.py", "tokens_end_by) if tokens_end_by else 0", "tokens_end_by) if False else 0"),
    Removal("tokens are kept only by who was asked", "app/views/account.py", '"hoi-khoa" in request.form and ', ""),
    Removal("the log of a unit's account", "app/views/audit.py", "replace(chosen.wanted, units=current.scope())", "replace(chosen.wanted, units=None)"),
    Removal("the log of a unit's account by the API", "app/api/office.py", "query.first, query.last, current.scope()\n", "query.first, query.last, None\n"),
    Removal("whose an entry of the log is", "tracker/store/act_reach.py", "Dossier.resolving_unit_id.in_(units)", "Dossier.id > 0"),
    Removal("whose an entry of the log is", "tracker/store/act_reach.py", 'User.id == _subject_id("user"), User.unit_id.in_(units)', 'User.id == _subject_id("user")'),
    Removal("whose an entry of the log is", "tracker/store/act_reach.py", "select(User.login).where(User.unit_id.in_(units))", "select(User.login)"),
    Removal('a closed account calls nothing', 'app/api/door.py', 'if account is None or account.disabled_at is not None:', 'if account is None:'),
    Removal('calls wait for the own password', 'app/api/door.py', 'if account.must_change_password:', 'if False:'),
    Removal('tokens of a demonstration', 'app/api/door.py', 'if account.is_demo and not', 'if False and not'),
    Removal('scopes that a token may be given', 'app/token_acts.py', 'for each in wanted.scopes if each not in own]', 'for each in wanted.scopes if False]'),
    Removal('number and life of tokens', 'app/token_acts.py', 'if not 1 <= wanted.days <= MOST_DAYS:', 'if False:'),
    Removal('number and life of tokens', 'app/token_acts.py', '>= MOST_GOOD:', '>= MOST_GOOD * MOST_GOOD:'),
    Removal('tokens are revoked by their owner or an administrator', 'app/views/tokens.py', 'may_see_all and request.args.get("loc") == "tat-ca"', 'request.args.get("loc") == "tat-ca"'),
    Removal('tokens are revoked by their owner or an administrator', 'app/views/tokens.py', ' or (token.account_id != account.account_id and Role(account.role) not in ADMINS)'),
    Removal('calls of a token', 'app/api/door.py', '    if used > limit.count:', '    if False:'),
    Removal('unknown tokens by address', 'app/api/door.py', 'if _tries_on() and _tries().are_too_many(', 'if False and _tries().are_too_many('),
    Removal('the API is off where the office says so', 'app/api/door.py', 'if not current.context().config.api.is_on:', 'if False:'),
    Removal('what is not in the document is refused', 'app/api/table.py', 'class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):', 'class Asked(msgspec.Struct, frozen=True):'),
    Removal('only JSON is taken for JSON', 'app/api/asking.py', 'if request.mimetype != JSON or request', 'if request'),
    Removal('size of a question', 'app/api/asking.py', '    request.max_content_length = LARGEST_BODY\n'),
    Removal('size of a file by the API', 'app/api/sources.py', 'config.ingest.max_upload_mib * MIB', 'config.ingest.max_upload_mib * MIB * MIB'),
    Removal('cursors are signed, each for its question', 'app/api/cursors.py', 'if not hmac.compare_digest(signature, _signature(question, body)):', 'if False:'),
    Removal('cursors are signed, each for its question', 'app/api/cursors.py', 'question.encode() + b"\\0" + body', 'b"\\0" + body'),
    Removal('calls are logged', 'app/api/answering.py', '    _note(call)\n    if', '    if'),
    Removal('receivers of the configuration alone', 'app/subscription_acts.py', 'if wanted.receiver not in {target.name for target in targets}:', 'if False:'),
    # ---- who administers and who inspects
    Removal("no secret of an address on the page of the configuration", "app/config_words.py", 'USER.sub(f"{HIDDEN}@", text)', "text"),
    Removal(
        "the way back of an error page stays within the program", "app/error_pages.py",
        'parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//")', "False",
    ),
    Removal(
        "what an auditor may send is listed one by one", "app/access.py",
        "REMEDY_SETTERS = frozenset({Role.HEAD, Role.REFORM})", "REMEDY_SETTERS = frozenset({Role.HEAD, Role.REFORM, Role.AUDITOR})",
    ),
    Removal(
        "what is typed into the page of who saw what is logged only as login, unit or day", "app/seen_log.py",
        'return {key: value for key, value in self.as_address().items() if key != "ma"}', "return self.as_address()",
    ),
    Removal(
        "who inspects one unit is told of its people and dossiers alone", "app/seen_log.py",
        "find_dossier(session, filters.code, unit_ids=scope", "find_dossier(session, filters.code, unit_ids=None",
    ),
]  # fmt: skip
