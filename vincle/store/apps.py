from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "vincle.store"
    label = "store"
