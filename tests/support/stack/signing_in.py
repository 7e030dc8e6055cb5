"""People of the local user pool, who sign in and out as people do."""

import secrets

from local.deploy import Aws
from tests.support.browser.chromium import Tab
from tests.support.stack.whole_stack import Whole


def invited(whole: Whole, email: str, *groups: str) -> str:
    """Make a user of the pool and return the password; the owner's records stay as they were."""
    password = f"Aa1-{secrets.token_urlsafe(18)}"
    cognito = Aws(whole.stack.settings.aws_url).client("cognito-idp")
    pool = whole.stack.outputs["UserPoolId"]
    address = {"Name": "email", "Value": email}
    cognito.admin_create_user(
        UserPoolId=pool, Username=email, UserAttributes=[address], MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=email, Password=password, Permanent=True
    )
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    return password


def sign_in(tab: Tab, email: str, password: str) -> None:
    """Come in, and look at the page where one does."""
    tab.page.goto(tab.url)
    tab.page.get_by_label("E-mail").wait_for()
    see(tab, "sign-in")
    come_in(tab, email, password)


def come_in(tab: Tab, email: str, password: str) -> None:
    tab.page.goto(tab.url)
    enter(tab, email, password)
    tab.page.get_by_role("link", name="Datasets").first.wait_for()


def enter(tab: Tab, email: str, password: str) -> None:
    tab.page.get_by_label("E-mail").fill(email)
    tab.page.get_by_label("Password").fill(password)
    tab.page.get_by_role("button", name="Sign in").click()


def sign_out(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Account").click()
    tab.page.get_by_role("menuitem", name="Sign out").click()
    tab.page.get_by_label("E-mail").wait_for()


def see(tab: Tab, name: str) -> None:
    tab.see(f"walk/{name}")
