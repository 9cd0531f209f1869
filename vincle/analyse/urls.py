from django.urls.resolvers import URLPattern

app_name = "analyse"
urlpatterns: list[URLPattern] = []
