from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "vincle.accounts"
    label = "accounts"
