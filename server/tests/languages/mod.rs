//! The command line speaks the language of the person who types, and scripts read the same in every language.

use std::process::Command;

use crate::{
    administration::asking::answered,
    program::{Node, Outcome, Server},
};

const LOCALES: [&str; 6] = [
    "C",
    "ar_EG.UTF-8",
    "de_DE.UTF-8",
    "es_MX.UTF-8",
    "fr_FR.UTF-8",
    "pl_PL.UTF-8",
];

/// A locale with what its language says after a database is created, when a database is unknown, about an empty list,
/// and about 15 characters.
struct Said {
    locale: &'static str,
    created: &'static str,
    unknown: &'static str,
    none: &'static str,
    too_short: &'static str,
}

const SAID: [Said; 6] = [
    Said {
        locale: "en_GB.UTF-8",
        created: "Created database acme; its administrator is ada.",
        unknown: "there is no database 'nope'; `latchkey db list` lists the databases",
        none: "There is no live session.",
        too_short: "a password needs at least 15 characters",
    },
    Said {
        locale: "ar_EG.UTF-8",
        created: "تم إنشاء قاعدة البيانات acme؛ المسؤول عنها هو ada.",
        unknown: "لا توجد قاعدة بيانات باسم «nope»؛ يعرض الأمر `latchkey db list` قواعد البيانات",
        none: "لا توجد جلسة مفتوحة.",
        too_short: "يجب ألا تقل كلمة المرور عن 15 حرفًا",
    },
    Said {
        locale: "de_DE.UTF-8",
        created: "Datenbank acme angelegt; Administrator ist ada.",
        unknown: "Es gibt keine Datenbank „nope“; `latchkey db list` zeigt die Datenbanken",
        none: "Es gibt keine offene Sitzung.",
        too_short: "Ein Passwort braucht mindestens 15 Zeichen",
    },
    Said {
        locale: "es_MX.UTF-8",
        created: "Base de datos acme creada; su administrador es ada.",
        unknown: "no hay ninguna base de datos «nope»; `latchkey db list` muestra las bases de datos",
        none: "No hay ninguna sesión abierta.",
        too_short: "una contraseña necesita al menos 15 caracteres",
    },
    Said {
        locale: "fr_FR.UTF-8",
        created: "Base de données acme créée\u{202f}; son administrateur est ada.",
        unknown: "il n’y a pas de base de données «\u{a0}nope\u{a0}»\u{202f}; `latchkey db list` affiche les bases de données",
        none: "Il n’y a pas de session ouverte.",
        too_short: "un mot de passe comporte au moins 15 caractères",
    },
    Said {
        locale: "pl_PL.UTF-8",
        created: "Utworzono bazę danych acme; jej administrator to ada.",
        unknown: "nie ma bazy danych „nope”; polecenie `latchkey db list` pokazuje bazy danych",
        none: "Nie ma żadnej aktywnej sesji.",
        too_short: "hasło musi mieć co najmniej 15 znaków",
    },
];

/// The program with no variable of the environment that names a language.
fn unspoken(node: &Node, line: &str) -> Command {
    let mut command = node.command(line);
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"] {
        command.env_remove(name);
    }
    command
}

fn run(node: &Node, locale: &str, line: &str) -> Outcome {
    outcome(unspoken(node, line).env("LANG", locale))
}

fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn each_language_has_its_own_sentences() {
    let node = Node::new();
    let server = node.serve();
    let short = node.write("short", "short\n");
    for said in SAID {
        let created = run(&node, said.locale, "db create acme --admin-login ada");
        assert!(created.stderr.contains(said.created), "{created:?}");
        let empty = run(&node, said.locale, "session list --database acme");
        assert_eq!(empty.stderr.trim_end(), said.none);
        let unknown = run(&node, said.locale, "session list --database nope");
        assert_eq!(unknown.failed(1), said.unknown);
        let add = "user add --database acme --login bob --password-stdin";
        let input = std::fs::File::open(&short).unwrap();
        let too_short = outcome(unspoken(&node, add).env("LANG", said.locale).stdin(input));
        assert_eq!(too_short.failed(1), said.too_short);
        node.run("db drop acme --yes").done();
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn a_cause_stands_behind_what_was_not_done() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    let create = "db create acme --admin-login ada";
    for (locale, sentence) in [
        (
            "de_DE.UTF-8",
            "Die Datenbank „acme“ wurde nicht angelegt: Es gibt bereits eine Datenbank dieses Namens",
        ),
        (
            "fr_FR.UTF-8",
            "la base de données «\u{a0}acme\u{a0}» n’a pas été créée\u{a0}: il y a déjà une base de données de ce nom",
        ),
    ] {
        assert_eq!(run(&node, locale, create).failed(1), sentence);
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn the_environment_chooses_the_language() {
    let node = Node::new();
    let [english, german, polish] = [
        "deleting a database cannot be undone, and there is no terminal to ask on: pass --yes",
        "Das Löschen einer Datenbank lässt sich nicht rückgängig machen, und es gibt kein Terminal für eine Rückfrage: \
         Verwenden Sie --yes",
        "usunięcia bazy danych nie można cofnąć, a nie ma terminala, na którym można zapytać: dodaj --yes",
    ];
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], english),
        (&[("LANG", "de_AT.UTF-8")], german),
        (&[("LANG", "tlh_KL.UTF-8")], english),
        (&[("LANG", "de_AT.UTF-8"), ("LC_ALL", "C")], english),
        (&[("LANG", "de_AT.UTF-8"), ("LC_MESSAGES", "pl")], polish),
        (&[("LC_MESSAGES", "pl"), ("LC_ALL", "de")], german),
        (&[("LANG", "de"), ("LANGUAGE", "tlh:pl:de")], polish),
        (&[("LANG", "C.UTF-8"), ("LANGUAGE", "pl")], english),
    ];
    for (variables, sentence) in cases {
        let mut command = unspoken(&node, "db drop acme");
        command.envs(variables.iter().copied());
        let refused = outcome(&mut command).failed(2);
        assert_eq!(refused, sentence, "{variables:?}");
    }
}

#[test]
fn a_question_is_in_the_language_of_the_person_and_the_answer_is_the_name() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    let mut drop = unspoken(&node, "db drop acme");
    let dropped = answered(drop.env("LANG", "fr_FR.UTF-8"), "acme\n");
    assert_eq!(
        dropped.stderr,
        "Ceci supprime tous les utilisateurs et toutes les sessions de la base de données acme. Saisissez son nom pour \
         continuer\u{a0}: Base de données acme supprimée.\n"
    );
    assert_eq!(dropped.done(), "");
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[test]
fn the_server_tells_its_address_at_the_end_of_a_sentence() {
    let node = Node::new();
    let mut serve = unspoken(&node, "serve");
    serve.env("LANG", "pl_PL.UTF-8");
    let server = Server::start(serve);
    let address = &server.address;
    assert_eq!(
        server.said,
        format!("Latchkey działa pod adresem http://{address}")
    );
    assert_eq!(server.get("/healthz"), 200);
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(log.contains("stopping"), "the log is English: {log}");
}

#[test]
fn what_scripts_read_is_the_same_in_every_language() {
    let node = Node::new();
    let server = node.serve();
    node.run("db create acme --admin-login ada").done();
    node.run("user disable --database acme --login ada").done();
    for line in [
        "db list",
        "db list --json",
        "user list --database acme --json",
        "session list --database acme --json",
        "attempts list --database acme --json",
        "audit list --database acme --json",
        "config print",
        "config check",
        "--help",
    ] {
        let read = LOCALES.map(|locale| run(&node, locale, line).done());
        assert!(read.iter().all(|one| *one == read[0]), "{line}: {read:?}");
    }
    for locale in LOCALES {
        let listed = run(&node, locale, "user list --database acme").done();
        let (heads, row) = listed.split_once('\n').unwrap();
        assert_eq!(heads.contains("LOGIN"), locale == "C", "{heads}");
        let words: Vec<_> = row.split_whitespace().take(4).collect();
        assert_eq!(words, ["ada", "ada", "administrator", "disabled"]);
        let set = "user set-password --database acme --login ada --one-time";
        let password = run(&node, locale, set).done();
        let is_password = |text: &str| {
            let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
            text.len() == 23 && text.bytes().all(is_letter)
        };
        assert!(password.strip_suffix('\n').is_some_and(is_password));
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}
