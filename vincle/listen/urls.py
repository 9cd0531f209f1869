from django.urls.resolvers import URLPattern

app_name = "listen"
urlpatterns: list[URLPattern] = []
