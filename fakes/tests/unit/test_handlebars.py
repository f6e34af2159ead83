import pytest

from clerk_fake.model.templates.handlebars import TemplateSyntaxError, parse, variables_in
from clerk_fake.model.templates.letters import plain_text
from clerk_fake.model.templates.system import SYSTEM_TEMPLATES, SystemTemplate

VALUES = {"name": "Ada & Co", "yes": True, "no": "", "org": {"id": 7}, "rows": [{"n": 1}, {"n": 2}]}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Hi {{name}}!", "Hi Ada &amp; Co!"),
        ("Hi {{{ name }}}!", "Hi Ada & Co!"),
        ("{{org.id}}{{org.name}}{{name.x}}{{nobody}}", "7"),
        ("{{! nobody sees this }}x", "x"),
        ("{{#if yes}}a{{else}}b{{/if}}{{#if no}}c{{else}}d{{/if}}", "ad"),
        ("{{#unless no}}a{{/unless}}{{#unless yes}}b{{/unless}}", "a"),
        ("{{#each rows}}{{n}}-{{/each}}", "1-2-"),
        ("{{#each none}}x{{else}}empty{{/each}}", "empty"),
        ("{{#if yes}}{{#if org.id}}in{{/if}}{{/if}}", "in"),
        ("{{> greeting}}{{> missing}}", "Hello Ada &amp; Co"),
        ("{{org}}", "{&quot;id&quot;:7}"),
        ("{ not a tag }", "{ not a tag }"),
    ],
)
def test_a_template_is_filled_in(text: str, rendered: str) -> None:
    partials = {"greeting": parse("Hello {{name}}")}

    assert parse(text).render(VALUES, partials, escape=True) == rendered


def test_text_messages_are_not_escaped() -> None:
    assert parse("{{name}}").render(VALUES, {}, escape=False) == "Ada & Co"


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "}}",
        "{{name",
        "{{a b}}",
        "{{#if yes}}",
        "{{#if yes}}x{{/unless}}",
        "{{/if}}",
        "{{else}}",
        "{{#if}}x{{/if}}",
        "{{#with org}}x{{/with}}",
        "{{{#if yes}}}x{{/if}}",
        "{{}}",
        "{{1a}}",
        "{{#if a}}" * 40 + "{{/if}}" * 40,
    ],
)
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        parse(text)


def test_the_variables_of_a_template_are_known() -> None:
    program = parse("{{a}}{{#if b.c}}{{{d}}}{{else}}{{e}}{{/if}}")

    assert variables_in(program) == {"a", "b.c", "d", "e"}


@pytest.mark.parametrize("system", SYSTEM_TEMPLATES, ids=lambda each: f"{each.type}-{each.slug}")
def test_every_system_template_is_one_and_has_what_it_requires(system: SystemTemplate) -> None:
    mentioned = variables_in(parse(system.body))

    assert mentioned >= set(system.required)
    common = {"app.name", "app.url"}
    assert mentioned - common <= set(system.variables)


def test_the_plain_text_of_a_page_is_what_one_reads() -> None:
    page = (
        "<style>p { color: red }</style><title>T</title><h1>Hi</h1>\n<p>Ada &amp;\n Co<br>"
        '<a href="https://x?a&amp;b">go</a></p><!-- x --><p></p>1 < 2'
    )

    assert plain_text(page) == "Hi\nAda & Co\ngo https://x?a&b\n1 < 2"
