"""The connectors of the configuration -> those who ask; the kinds that there are stand in one table."""

from collections.abc import Callable, Mapping

from tracker.config import ConnectorConfig, PullConfig
from tracker.config_sense import pull_secret_of
from tracker.connectors.calling import Caller, Wait
from tracker.connectors.igate import Igate
from tracker.connectors.opencps import OpenCps
from tracker.connectors.pages import Puller
from tracker.errors import ConfigurationError

Make = Callable[[Caller, ConnectorConfig, int], Puller]
MAKERS: Mapping[str, Make] = {
    "opencps": lambda caller, of, size: OpenCps(caller, of.group, of.secret, size),
    "igate": lambda caller, of, size: Igate(caller, of.secret, size),
}


def puller_for(connector: ConnectorConfig, bounds: PullConfig, wait: Wait) -> Puller:
    """Who asks this system; `wait` is called before a call is repeated.

    Raises:
        ConfigurationError: its secret is not in the environment.
    """
    if ":" not in connector.secret:
        variable = pull_secret_of(connector.name)
        raise ConfigurationError([f"thiếu biến môi trường {variable} (dạng tài-khoản:mật-khẩu)"])
    caller = Caller(connector.name, connector.url, bounds, wait)
    return MAKERS[connector.kind](caller, connector, bounds.page_size)
