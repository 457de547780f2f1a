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
        rounds: Folder of the rounds; `DTI_ROUNDS`; left out: `rounds` under `home`. It holds `monthly`, the standing
            round of the monthly statistics, and a folder for each year.
        contact: E-mail or web address in the user agent of the crawler, for operators of portals; `DTI_CONTACT`. The
            `contact` of a portals.yaml goes before it.
        ca_bundle: PEM file of the certificate authorities that inspections trust; `DTI_CA_BUNDLE`; empty means those
            that come with requests.
        post_text_days: Days for which the lake keeps the texts of posts; `DTI_POST_TEXT_DAYS`. The bytes as
            received stay.
        underthesea_model: File of underthesea's sentiment model; `DTI_UNDERTHESEA_MODEL`.
        transformer_model: Folder of a fine-tuned transformer; `DTI_TRANSFORMER_MODEL`.
        dask_address: Address of a Dask cluster for the path from posts to measurements; `DTI_DASK_ADDRESS`; empty means
            processes on this machine.
        pseudonym_key: Secret key of the pseudonyms of respondents; `DTI_PSEUDONYM_KEY`; empty means a random one that
            is made once under `home`.
    """

    model_config = SettingsConfigDict(env_prefix="DTI_")

    home: Path = Path("var")
    warehouse_url: str = Field(default="", repr=False)
    allow_private_addresses: bool = False
    rounds: Path = Field(default_factory=lambda settings: settings["home"] / "rounds")
    contact: str = ""
    ca_bundle: str = ""
    post_text_days: int = Field(default=400, ge=1)
    underthesea_model: Path = Path.home() / ".underthesea" / "models" / "sen-sentiment-general-1.0.0-20260207.bin"
    transformer_model: Path = Path("transformer")
    dask_address: str = ""
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
    def models(self) -> Path:
        """Folder of models that were trained on this machine."""
        return self.home / "models"

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
