"""Settings: `DTI_*` environment variables with defaults for one machine."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where state lives and how the system behaves.

    Attributes:
        home: Folder of all state; `DTI_HOME`.
        warehouse_url: SQLAlchemy URL with its driver; `DTI_WAREHOUSE_URL`; empty means SQLite under `home`.
        allow_private_addresses: Whether sources may be fetched from loopback and private addresses;
            `DTI_ALLOW_PRIVATE_ADDRESSES`.
        pseudonym_key: Secret key of the pseudonyms of respondents; `DTI_PSEUDONYM_KEY`; empty means a random one that
            is made once under `home`.
    """

    model_config = SettingsConfigDict(env_prefix="DTI_")

    home: Path = Path("var")
    warehouse_url: str = Field(default="", repr=False)
    allow_private_addresses: bool = False
    pseudonym_key: SecretStr = SecretStr("")

    @property
    def url(self) -> str:
        """The warehouse URL in force."""
        return self.warehouse_url or f"sqlite:///{self.home.resolve() / 'warehouse.db'}"

    @property
    def snapshots(self) -> Path:
        """Folder of the bytes as received."""
        return self.home / "snapshots"

    @property
    def lake(self) -> Path:
        """Folder of Parquet files that stay out of the warehouse."""
        return self.home / "lake"

    @property
    def data_docs(self) -> Path:
        """Folder of the validation reports (Great Expectations Data Docs)."""
        return self.home / "data_docs"

    @property
    def secrets(self) -> Path:
        """Folder of keys that were made on this machine; readable by its owner only."""
        return self.home / "secrets"

    @property
    def frameworks(self) -> Path:
        """Folder of imported frameworks; a name found here wins over the bundled one."""
        return self.home / "frameworks"

    @property
    def prefect_home(self) -> Path:
        """Folder of Prefect's own database and settings."""
        return self.home / "prefect"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process; `get_settings.cache_clear()` reads the environment again."""
    return Settings()
