"""Every component and format of the design system; known in each template without {% load %}. See docs/design-system.md."""

from django.template import Library

from vincle.web.tags import charts, flows, formats, forms, lists, parts, people

register = Library()
for library in (formats, parts, people, lists, forms, charts, flows):
    register.tags.update(library.register.tags)
    register.filters.update(library.register.filters)
