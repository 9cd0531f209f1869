from django.urls import path

from . import views_bulk, views_fragments, views_people, views_person, views_settings

app_name = "organise"
urlpatterns = [
    path("", views_people.list_people, name="people"),
    path("people.csv", views_people.export, name="export"),
    path("countries/", views_people.list_countries, name="countries"),
    path("views/", views_people.save_view, name="save_view"),
    path("views/<int:view>/delete/", views_people.delete_view, name="delete_view"),
    path("views/<int:view>/share/", views_people.share_view, name="share_view"),
    path("bulk/tag/", views_bulk.bulk_tag, name="bulk_tag"),
    path("bulk/untag/", views_bulk.bulk_untag, name="bulk_untag"),
    path("bulk/owner/", views_bulk.bulk_owner, name="bulk_owner"),
    path("undo/<str:token>/", views_bulk.undo, name="undo"),
    path("search/", views_fragments.search, name="search"),
    path("tags/", views_settings.tags, name="tags"),
    path("tags/new/", views_settings.create_tag, name="create_tag"),
    path("tags/<int:tag>/rename/", views_settings.rename_tag, name="rename_tag"),
    path("tags/<int:tag>/delete/", views_settings.delete_tag, name="delete_tag"),
    path("fields/", views_settings.fields, name="fields"),
    path("fields/new/", views_settings.create_field, name="create_field"),
    path("fields/change/", views_settings.change_field, name="change_field"),
    path("<str:pid>/", views_person.person, name="person"),
    path("<str:pid>/older/", views_person.older, name="older"),
    path("<str:pid>/card/", views_fragments.card, name="card"),
    path("<str:pid>/side/", views_fragments.side, name="side"),
    path("<str:pid>/tags/", views_person.add_tag, name="add_tag"),
    path("<str:pid>/tags/<int:tag>/remove/", views_person.remove_tag, name="remove_tag"),
    path("<str:pid>/owner/", views_person.set_owner, name="set_owner"),
    path("<str:pid>/notes/", views_person.add_note, name="add_note"),
    path("<str:pid>/notes/<int:note>/", views_person.edit_note, name="edit_note"),
    path("<str:pid>/notes/<int:note>/delete/", views_person.delete_note, name="delete_note"),
    path("<str:pid>/trait/", views_person.edit_trait, name="edit_trait"),
]
