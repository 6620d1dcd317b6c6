//! The slow work on passwords, on separate threads and bounded in number: hashing with argon2id, so that many
//! log-ins cannot exhaust memory, and judging new passwords.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{self, Output, Salt},
    },
};

use super::{InvalidPassword, Overloaded, Password, PasswordOwner, PasswordSettings, queue::Queue};
use crate::random::Random;

/// Number of passwords that are judged at the same time. With 1, a client that changes passwords again and
/// again uses at most one processor.
const JUDGES: usize = 1;

/// A password's hash as a PHC string, which contains its parameters. It has no `Debug`, because it must not
/// be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    pub(crate) fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The result of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The password is right.
    Match,
    /// The password is right, but its hash was made with other parameters than today's, or before passwords
    /// were normalised.
    MatchOutdated,
    /// The password is wrong, or there is no hash.
    Mismatch,
}

/// Hashes, verifies and judges, a bounded number at a time.
pub(crate) struct PasswordHasher {
    params: Params,
    hashing: Queue,
    judging: Queue,
    /// The hash for comparisons without a user, so that they take the same time.
    decoy: PasswordHash,
    memory: Arc<WorkingMemory>,
}

/// The working memory of hashes, kept for the next hashes: as many pieces as have ever been hashed in parallel.
///
/// Allocating it each time would cost a tenth of a log-in's time. In the end the allocator would also keep a
/// piece for each of its arenas.
#[derive(Default)]
struct WorkingMemory(Mutex<Vec<Vec<Block>>>);

impl PasswordHasher {
    pub(crate) fn new(
        settings: PasswordSettings,
        random: &dyn Random,
    ) -> Result<Self, argon2::Error> {
        let params = Params::new(
            settings.memory_kib,
            settings.iterations,
            settings.parallelism,
            None,
        )?;
        let memory = Arc::<WorkingMemory>::default();
        let one_time = Password::one_time(random);
        let decoy = hash(&params, &one_time, random.bytes(), &memory)
            .map_err(|_phc| argon2::Error::OutputTooShort)?;
        Ok(Self {
            params,
            memory,
            hashing: Queue::new(settings.max_concurrent, settings.max_waiting),
            judging: Queue::new(JUDGES, settings.max_waiting),
            decoy,
        })
    }

    /// Compares a password with a hash. Without a hash it takes the same time.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        against: Option<&PasswordHash>,
    ) -> Result<Verdict, Overloaded> {
        if !password.is_hashable() {
            return Ok(Verdict::Mismatch);
        }
        let is_decoy = against.is_none();
        let against = against.unwrap_or(&self.decoy).clone();
        let params = self.params.clone();
        let memory = Arc::clone(&self.memory);
        let password = password.duplicate();
        let verify = move || verify(&params, &password, &against, &memory);
        let verdict = self.hashing.run(verify).await?;
        Ok(if is_decoy { Verdict::Mismatch } else { verdict })
    }

    /// Hashes with today's parameters.
    pub(crate) async fn hash(
        &self,
        password: &Password,
        random: &dyn Random,
    ) -> Result<PasswordHash, Overloaded> {
        let params = self.params.clone();
        let memory = Arc::clone(&self.memory);
        let password = password.duplicate();
        let salt = random.bytes();
        #[expect(
            clippy::expect_used,
            reason = "the parameters were proven at start by hashing the decoy"
        )]
        let hash =
            move || hash(&params, &password.normalised(), salt, &memory).expect("hashing works");
        self.hashing.run(hash).await
    }

    /// Whether the owner may set the password, which has at least `minimum` characters.
    pub(crate) async fn judge(
        &self,
        password: &Password,
        minimum: usize,
        owner: PasswordOwner,
    ) -> Result<Result<(), InvalidPassword>, Overloaded> {
        let password = password.duplicate();
        let judge = move || password.check(minimum, &owner);
        self.judging.run(judge).await
    }
}

impl WorkingMemory {
    fn compute(
        &self,
        argon2: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
        length: usize,
    ) -> password_hash::Result<Output> {
        let mut blocks = self.pieces().pop().unwrap_or_default();
        blocks.resize(argon2.params().block_count(), Block::new());
        let mut output = vec![0; length];
        let password = password.expose().as_bytes();
        argon2.hash_password_into_with_memory(password, salt, &mut output, &mut blocks)?;
        self.pieces().push(blocks);
        Ok(Output::new(&output)?)
    }

    fn pieces(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(
    params: &Params,
    password: &Password,
    salt: [u8; 16],
    memory: &WorkingMemory,
) -> password_hash::Result<PasswordHash> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let output = memory.compute(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN)?;
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into()?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(output),
    };
    Ok(PasswordHash(hash.to_string()))
}

/// The parts of a stored hash. Its own parameters count, not today's.
fn read(stored: &PasswordHash) -> password_hash::Result<(Argon2<'static>, Salt, Output)> {
    let hash = phc::PasswordHash::new(stored.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?;
    let argon2 = Argon2::new(
        Algorithm::try_from(hash.algorithm.as_str())?,
        version.unwrap_or_default(),
        Params::try_from(&hash)?,
    );
    let salt = hash.salt.ok_or(phc::Error::MissingField)?;
    let output = hash.hash.ok_or(phc::Error::MissingField)?;
    Ok((argon2, salt, output))
}

/// Compares the normalised password. If the typed text differs, that is compared too, because older hashes
/// are hashes of the typed text. The number of hashes for a wrong password depends on the typed text and not
/// on the user.
fn verify(
    today: &Params,
    password: &Password,
    against: &PasswordHash,
    memory: &WorkingMemory,
) -> Verdict {
    let normalised = password.normalised();
    match compare(today, &normalised, against, memory) {
        Verdict::Mismatch if normalised.expose() != password.expose() => {
            match compare(today, password, against, memory) {
                Verdict::Mismatch => Verdict::Mismatch,
                Verdict::Match | Verdict::MatchOutdated => Verdict::MatchOutdated,
            }
        }
        verdict => verdict,
    }
}

fn compare(
    today: &Params,
    password: &Password,
    against: &PasswordHash,
    memory: &WorkingMemory,
) -> Verdict {
    let compared = read(against).and_then(|(argon2, salt, expected)| {
        // `Output`s compare in constant time.
        let output = memory.compute(&argon2, password, &salt, expected.len())?;
        Ok((output == expected, argon2))
    });
    let params = match &compared {
        Ok((true, argon2)) => argon2.params(),
        Ok((false, _)) => return Verdict::Mismatch,
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be read");
            return Verdict::Mismatch;
        }
    };
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    if costs(params) == costs(today) {
        Verdict::Match
    } else {
        Verdict::MatchOutdated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn hasher(memory_kib: u32) -> PasswordHasher {
        let settings = PasswordSettings {
            memory_kib,
            max_concurrent: 1,
            max_waiting: 1,
            ..PasswordSettings::default()
        };
        PasswordHasher::new(settings, &SystemRandom).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_verified_exactly() {
        let hasher = hasher(19_456);
        let hash = hasher
            .hash(&password("Tür zu, bitte!"), &SystemRandom)
            .await
            .unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify = async |text| hasher.verify(&password(text), Some(&hash)).await.unwrap();
        assert_eq!(verify("Tür zu, bitte!").await, Verdict::Match);
        assert_eq!(verify("tür zu, bitte!").await, Verdict::Mismatch);
        assert_eq!(verify("Tür zu, bitte! ").await, Verdict::Mismatch);
        assert_eq!(verify(&"x".repeat(5000)).await, Verdict::Mismatch);
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_a_keyboard_composes_it() {
        let hasher = hasher(19_456);
        for (one, other) in [
            ("Tür zu, bitte!", "Tu\u{308}r zu, bitte!"),
            ("Ｐａｓｓ１２３", "Pass123"),
            ("한국어 비밀", "\u{1112}\u{1161}\u{11ab}국어 비밀"),
            ("\u{212b}ngstrom", "A\u{30a}ngstrom"),
        ] {
            for (set, typed) in [(one, other), (other, one)] {
                let hash = hasher.hash(&password(set), &SystemRandom).await.unwrap();
                let verdict = hasher.verify(&password(typed), Some(&hash)).await;
                assert_eq!(verdict, Ok(Verdict::Match), "{set:?} {typed:?}");
            }
        }
    }

    #[tokio::test]
    async fn an_older_hash_of_what_was_typed_matches_as_outdated() {
        let hasher = hasher(19_456);
        let typed = password("Tu\u{308}r zu, bitte!");
        let old = hash(&hasher.params, &typed, [7; 16], &hasher.memory).unwrap();
        let verify = async |text| hasher.verify(&password(text), Some(&old)).await.unwrap();
        assert_eq!(verify(typed.expose()).await, Verdict::MatchOutdated);
        assert_eq!(verify("Tu\u{308}r auf, bitte!").await, Verdict::Mismatch);
    }

    #[tokio::test]
    async fn an_older_hash_of_composed_letters_matches_however_they_are_typed() {
        let hasher = hasher(19_456);
        let composed = password("Tür zu, bitte!");
        let old = hash(&hasher.params, &composed, [7; 16], &hasher.memory).unwrap();
        for typed in ["Tür zu, bitte!", "Tu\u{308}r zu, bitte!"] {
            let verdict = hasher.verify(&password(typed), Some(&old)).await;
            assert_eq!(verdict, Ok(Verdict::Match), "{typed:?}");
        }
    }

    #[tokio::test]
    async fn a_hash_is_one_that_any_argon2_verifies() {
        use argon2::PasswordVerifier as _;
        let hasher = hasher(19_456);
        let hash = hasher.hash(&password("secret"), &SystemRandom).await;
        let hash = phc::PasswordHash::new(hash.unwrap().as_str()).unwrap();
        assert!(Argon2::default().verify_password(b"secret", &hash).is_ok());
        assert!(Argon2::default().verify_password(b"Secret", &hash).is_err());
    }

    #[tokio::test]
    async fn a_hash_of_less_memory_is_not_spoilt_by_one_of_more_before() {
        let hasher = hasher(19_456);
        let large = hasher.hash(&password("large"), &SystemRandom).await;
        let less = self::hasher(8_192);
        let small = less.hash(&password("small"), &SystemRandom).await;
        let verify = async |text, hash: &Result<_, _>| {
            hasher
                .verify(&password(text), Some(hash.as_ref().unwrap()))
                .await
                .unwrap()
        };
        for _ in 0..2 {
            assert_eq!(verify("large", &large).await, Verdict::Match);
            assert_eq!(verify("small", &small).await, Verdict::MatchOutdated);
        }
    }

    #[tokio::test]
    async fn without_a_user_nothing_matches() {
        assert_eq!(
            hasher(19_456).verify(&password("anything"), None).await,
            Ok(Verdict::Mismatch)
        );
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_matches_as_outdated() {
        let old = hasher(20_000)
            .hash(&password("secret"), &SystemRandom)
            .await
            .unwrap();
        assert_eq!(
            hasher(19_456).verify(&password("secret"), Some(&old)).await,
            Ok(Verdict::MatchOutdated)
        );
    }

    /// The only thread for such work is occupied, so judging must wait if it uses that thread.
    #[test]
    fn judging_leaves_the_threads_that_serve() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let (release, occupied) = std::sync::mpsc::channel::<()>();
        runtime.block_on(async {
            let occupation = tokio::task::spawn_blocking(move || occupied.recv());
            let judging = tokio::spawn(async {
                let owner = PasswordOwner {
                    login: "ada".to_owned(),
                    name: "Ada".to_owned(),
                    database: "acme".parse().unwrap(),
                };
                let slow = password(&"4@8({[<369&#!1/|0$5+7%2z".repeat(3));
                hasher(19_456).judge(&slow, 15, owner).await
            });
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(!judging.is_finished());
            release.send(()).unwrap();
            occupation.await.unwrap().unwrap();
            assert_eq!(judging.await.unwrap(), Ok(Ok(())));
        });
    }
}
