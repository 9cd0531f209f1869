from django.urls.resolvers import URLPattern

app_name = "organise"
urlpatterns: list[URLPattern] = []
