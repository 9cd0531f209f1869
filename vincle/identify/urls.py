from django.urls.resolvers import URLPattern

app_name = "identify"
urlpatterns: list[URLPattern] = []
