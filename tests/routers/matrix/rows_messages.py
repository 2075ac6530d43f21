"""Who may do what: one's own messages, why reminders went out, robots, looking after messages.

The message in the path is the guardian's, and so is the browser; the robot is the village's; the delivery that was set
aside is about grid 1.
"""

from tests.routers.matrix.row import row

OWN = "401 404 404 404 404 404"
OWN_PAGE = "sign-in 404 404 404 404 404"
ME, ME_PAGE = "401 200 200 200 200 200", "sign-in 200 200 200 200 200"

API = (
    # Receipts of providers: whoever does not know the secret in the address finds nothing there, signed in or not.
    row("POST", "/api/v1/receipts/{provider}/{token}", "404", "nothing", org="all nothing"),
    row("GET", "/api/v1/inbox", ME, org="me"),
    row("POST", "/api/v1/inbox/reading", "401 204 204 204 204 204", "nothing", org="me"),
    row("GET", "/api/v1/inbox/{message_id}", OWN, org="kin"),
    row("GET", "/api/v1/inbox/{message_id}/why", OWN, org="kin"),
    row("GET", "/api/v1/me/messages", ME, org="me"),
    row("PUT", "/api/v1/me/messages", ME, "preferences", org="me"),
    row("GET", "/api/v1/push-key", ME, org="me"),
    row("POST", "/api/v1/me/push", "401 201 201 201 201 201", "browser", org="me"),
    row("DELETE", "/api/v1/me/push/{browser_id}", OWN, org="kin"),
    row("GET", "/api/v1/me/reminders", "401 200 200 404 404 404", org="registered"),
    row("GET", "/api/v1/residents/{person_id}/reminders", "401 403 403 200 404 200", org="over people grid"),
    row("GET", "/api/v1/staff/gateways", org="any gateways or administrator@county"),
    row(
        "POST",
        "/api/v1/staff/gateways/deliveries/{delivery_id}/again",
        "",
        "nothing",
        org="over gateways grid or administrator@county",
    ),
    row("POST", "/api/v1/staff/gateways/failures/again", "", "failures", org="any gateways or administrator@county"),
    row("POST", "/api/v1/staff/gateways/trials", "", "trial", org="any gateways or administrator@county"),
    row("GET", "/api/v1/staff/templates", org="any gateways or administrator@county"),
    row("PUT", "/api/v1/staff/templates/{name}/code", "", "approval", org="grave any gateways or administrator@county"),
    row("GET", "/api/v1/staff/robots", org="over robots village or administrator@village"),
    row("POST", "/api/v1/staff/robots", "", "robot", org="grave over robots village or administrator@village"),
    row(
        "POST",
        "/api/v1/staff/robots/{robot_id}/trial",
        "",
        "nothing",
        org="over robots village or administrator@village",
    ),
    row(
        "POST",
        "/api/v1/staff/robots/{robot_id}/ending",
        "",
        "nothing",
        org="over robots village or administrator@village",
    ),
)
PAGES = (
    row("GET", "/inbox", ME_PAGE, org="me"),
    row("POST", "/inbox/reading", "401 303 303 303 303 303", "nothing", org="me"),
    row("GET", "/inbox/{message_id}", OWN_PAGE, org="kin"),
    row("GET", "/inbox/{message_id}/why", OWN_PAGE, org="kin"),
    row("GET", "/me/messages", ME_PAGE, org="me"),
    row("POST", "/me/messages", "401 303 303 303 303 303", "preferences", org="me"),
    row("POST", "/me/messages/browsers/{browser_id}/removal", OWN, "nothing", org="kin"),
    row("GET", "/me/reminders", "sign-in 200 200 404 404 404", org="registered"),
    row("GET", "/residents/{person_id}/reminders", "sign-in 403 403 200 404 200", org="over people grid"),
    row("GET", "/staff/gateways", org="any gateways or administrator@county"),
    row(
        "POST",
        "/staff/gateways/deliveries/{delivery_id}/again",
        "",
        "nothing",
        org="over gateways grid or administrator@county",
    ),
    row("POST", "/staff/gateways/failures/again", "", "failures", org="any gateways or administrator@county"),
    row("POST", "/staff/gateways/trials", "", "trial", org="any gateways or administrator@county"),
    row("GET", "/staff/templates", org="any gateways or administrator@county"),
    row("GET", "/staff/templates/{name}", org="any gateways or administrator@county"),
    row("POST", "/staff/templates/{name}/codes", "", "approval", org="grave any gateways or administrator@county"),
    row("GET", "/staff/units/{code}/robots", org="over robots village or administrator@village"),
    row("GET", "/staff/units/{code}/robots/new", org="grave over robots village or administrator@village"),
    row("POST", "/staff/units/{code}/robots", "", "robot", org="grave over robots village or administrator@village"),
    row("POST", "/staff/robots/{robot_id}/trial", "", "nothing", org="over robots village or administrator@village"),
    row("POST", "/staff/robots/{robot_id}/ending", "", "nothing", org="over robots village or administrator@village"),
)
