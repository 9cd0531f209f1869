from . import urls_promotions

app_name = "campaigns"
urlpatterns = [
    *urls_promotions.urlpatterns,
]
