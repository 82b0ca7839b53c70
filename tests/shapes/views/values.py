"""Screens of the shapes in ``models.values``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.values import Article, Attachment, Badge, Host, Page, Profile


class BadgeView(RecordView, model=Badge):
    name, name_plural = "Badge", "Badges"
    column_list = [Badge.name, Badge.code, Badge.code_or_none]
    column_searchable_list = [Badge.name]
    column_sortable_list = [Badge.name, Badge.code, Badge.code_or_none]
    form_columns = [Badge.name, Badge.code, Badge.code_or_none]


class ProfileView(RecordView, model=Profile):
    name, name_plural = "Profile", "Profiles"
    column_list = [Profile.name, Profile.data, Profile.data_or_none]
    column_searchable_list = [Profile.name]
    column_sortable_list = [Profile.name]
    form_columns = [Profile.name, Profile.data, Profile.data_or_none]


class AttachmentView(RecordView, model=Attachment):
    name, name_plural = "Attachment", "Attachments"
    column_list = [Attachment.name, Attachment.content, Attachment.content_or_none]
    column_searchable_list = [Attachment.name]
    column_sortable_list = [Attachment.name]
    form_columns = [Attachment.name, Attachment.content, Attachment.content_or_none]


class ArticleView(RecordView, model=Article):
    name, name_plural = "Article", "Articles"
    column_list = [Article.name, Article.words, Article.words_or_none, Article.numbers]
    column_searchable_list = [Article.name]
    column_sortable_list = [Article.name]
    form_columns = [Article.name, Article.words, Article.words_or_none, Article.numbers]


class HostView(RecordView, model=Host):
    name, name_plural = "Host", "Hosts"
    column_list = [Host.name, Host.address, Host.address_or_none]
    column_searchable_list = [Host.name]
    column_sortable_list = [Host.name, Host.address, Host.address_or_none]
    form_columns = [Host.name, Host.address, Host.address_or_none]


class PageView(RecordView, model=Page):
    name, name_plural = "Page", "Pages"
    column_list = [Page.name, Page.words]
    column_searchable_list = [Page.name]
    column_sortable_list = [Page.name]
    form_columns = [Page.name]


VIEWS: tuple[type[RecordView], ...] = (BadgeView, ProfileView, AttachmentView)
POSTGRESQL_VIEWS: tuple[type[RecordView], ...] = (ArticleView, HostView, PageView)
