from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cerbykeys import env


@pytest.fixture
def variable(monkeypatch):
    """Set the variable that every reader here is asked for."""
    return lambda value: monkeypatch.setenv("CERBYKEYS_X", value)


def refusal(read, *args, **options):
    """The one line that `read` refuses its variable with."""
    with pytest.raises(ImproperlyConfigured) as caught:
        read("CERBYKEYS_X", *args, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_unknown_variable_of_ours_is_refused_with_those_we_know():
    with pytest.raises(ImproperlyConfigured, match=r"CERBYKEYS_PROT.*CERBYKEYS_PORT"):
        env.refuse_unknown(["PATH", "CERBYKEYS_PROT"])


def test_variables_of_others_are_left_alone():
    env.refuse_unknown(["PATH", "DJANGO_SETTINGS_MODULE", *env.KNOWN])


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_an_unset_one(variable, value):
    variable(value)
    assert env.text("CERBYKEYS_X", "default") == "default"


def test_a_path_is_made_absolute(variable, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    variable("data")
    assert env.path("CERBYKEYS_X", Path("other")) == tmp_path / "data"


def test_an_integer_is_read(variable):
    variable(" 8080 ")
    assert env.integer("CERBYKEYS_X", 8000, low=1, high=65535) == 8080


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "8e3", "1_000", "٣"])
def test_an_integer_out_of_its_limits_is_refused(variable, value):
    variable(value)
    message = refusal(env.integer, 8000, low=1, high=65535)
    assert value in message
    assert "from 1 to 65535" in message


@pytest.mark.parametrize(
    ("value", "address"),
    [("localhost", "127.0.0.1"), ("10.0.0.1", "10.0.0.1"), ("[::1]", "::1"), ("", "127.0.0.1")],
)
def test_an_address_is_read(variable, value, address):
    variable(value)
    assert env.address("CERBYKEYS_X", "127.0.0.1") == address


@pytest.mark.parametrize("value", ["keys.example", "127.0.0.1:8000", "256.1.1.1"])
def test_what_is_no_address_is_refused(variable, value):
    variable(value)
    assert value in refusal(env.address, "127.0.0.1")


def test_hosts_are_read(variable):
    variable("keys.example, .keys.example,10.0.0.1,[::1]")
    assert env.hosts("CERBYKEYS_X") == ["keys.example", ".keys.example", "10.0.0.1", "[::1]"]


@pytest.mark.parametrize("value", ["*", "https://keys.example", "keys.example:443", "keys_example"])
def test_what_is_no_host_is_refused(variable, value):
    variable(f"good.example,{value}")
    assert value in refusal(env.hosts)


def test_hosts_are_read_with_their_ports(variable):
    variable("scim.example:8443,.corp.example, 10.0.0.1:8080,[::1]:9000,[::1]")
    assert env.hosts_and_ports("CERBYKEYS_X") == [
        "scim.example:8443",
        ".corp.example",
        "10.0.0.1:8080",
        "[::1]:9000",
        "[::1]",
    ]


@pytest.mark.parametrize(
    "value", ["*", "https://scim.example", "scim.example:", "scim.example:0", "scim.example:65536"]
)
def test_what_is_no_host_with_a_port_is_refused(variable, value):
    variable(f"good.example,{value}")
    assert value in refusal(env.hosts_and_ports)


def test_networks_are_read(variable):
    variable("10.0.0.0/8, ::1")
    assert env.networks("CERBYKEYS_X") == [ip_network("10.0.0.0/8"), ip_network("::1/128")]


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(variable, value):
    variable(value)
    assert value in refusal(env.networks)


def test_a_postgres_address_is_read_with_its_options(variable):
    variable("postgres://ada:p%40ss@db.example:5433/keys?sslmode=verify-full")
    database = env.postgres("CERBYKEYS_X")
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "keys")
    assert (database["USER"], database["PASSWORD"]) == ("ada", "p@ss")
    assert database["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.parametrize(
    "value",
    ["hunter2", "mysql://a:hunter2@b/c", "postgres://a:hunter2@b", "postgres://a:hunter2@b:x/c"],
)
def test_a_malformed_postgres_address_is_refused_without_its_password(variable, value):
    variable(value)
    assert "hunter2" not in refusal(env.postgres)


@pytest.mark.parametrize("value", ["redis://localhost:6379/0", "rediss://r.example", ""])
def test_a_redis_address_is_read(variable, value):
    variable(value)
    assert env.redis("CERBYKEYS_X") == value


@pytest.mark.parametrize(
    "value", ["http://:hunter2@r.example", "redis://:hunter2@r.example:x/0", "redis://"]
)
def test_a_malformed_redis_address_is_refused_without_its_password(variable, value):
    variable(value)
    assert "hunter2" not in refusal(env.redis)


def test_a_mail_server_is_read(variable):
    variable("smtp+tls://ada:p%40ss@mail.example")
    assert env.mail("CERBYKEYS_X") == env.Mail(
        host="mail.example", port=587, user="ada", password="p@ss", starttls=True, tls=False
    )


def test_a_mail_servers_password_shows_in_no_repr(variable):
    variable("smtp://ada:hunter2@mail.example")
    assert "hunter2" not in repr(env.mail("CERBYKEYS_X"))


@pytest.mark.parametrize("value", ["mail.example", "smtp://", "imap://m", "smtp://a:hunter2@m:x"])
def test_a_malformed_mail_server_is_refused_without_its_password(variable, value):
    variable(value)
    assert "hunter2" not in refusal(env.mail)


@pytest.mark.parametrize("read", [env.postgres, env.mail])
def test_unset_servers_are_none(read):
    assert read("CERBYKEYS_X") is None
