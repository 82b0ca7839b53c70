"""The stock SQLAdmin over the same models, to measure the back office against.

It has every advantage that leaves it stock: its own templates, a signed session cookie that is
trusted without a query, a pool that keeps every connection that it may open, no filter on its list
(ours has one by category).
"""

from sqladmin import Admin, ModelView
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import create_engine, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from backoffice.auth.password.hashing import verify_password
from backoffice.config import load_settings
from backoffice.db import normalise_url
from backoffice.models import Category, Item, User
from backoffice.views import CategoryView, ItemView, UserView

settings = load_settings()
engine = create_engine(
    normalise_url(settings.database), pool_size=settings.database_pool_size + 2, max_overflow=0
)


class SignedSession(AuthenticationBackend):
    """Signing in as SQLAdmin's documentation shows it: the cookie says who it is."""

    async def login(self, request: Request) -> bool:
        form = await request.form()
        user_id = await run_in_threadpool(_user, str(form["username"]), str(form["password"]))
        if user_id is not None:
            request.session["user_id"] = user_id
        return user_id is not None

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(self, request: Request) -> bool:
        return "user_id" in request.session


def _user(email: str, password: str) -> int | None:
    with engine.connect() as connection:
        statement = select(User.id, User.password_hash).where(User.email == email)
        row = connection.execute(statement).first()
    return row.id if row and verify_password(password, row.password_hash) else None


class StockItems(ModelView, model=Item):
    column_list = ItemView.column_list
    # Unlike ours, it cannot search the category: it would take it for a column.
    column_searchable_list = [Item.name, Item.description]
    column_sortable_list = ItemView.column_sortable_list
    column_default_sort = ItemView.column_default_sort
    form_columns = ItemView.form_columns
    page_size = ItemView.page_size


class StockCategories(ModelView, model=Category):
    column_list = CategoryView.column_list
    form_columns = CategoryView.form_columns


class StockUsers(ModelView, model=User):
    column_list = UserView.column_list
    form_columns = UserView.form_columns


app = Starlette()
admin = Admin(
    app, engine=engine, authentication_backend=SignedSession(secret_key=settings.signing_key)
)
for view in (StockItems, StockCategories, StockUsers):
    admin.add_view(view)
