//! Trussed in software: memory, random numbers, the backends the applets want, and the applets.

use littlefs2_core::DynFilesystem;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use trussed::ClientImplementation;
use trussed::backend::{Backend, BackendId};
use trussed::pipe::{ServiceEndpoint, TrussedChannel};
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl};
use trussed::service::{Service, ServiceResources};
use trussed::types::{Context, CoreContext};
use trussed::virt::{StorageConfig, Store, UserInterface};
use trussed::{platform, platform::Platform};
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply as CoreReply, Request as CoreRequest, reply, request};
use trussed_core::types::Location;
use trussed_hpke::HpkeExtension;
use trussed_rsa_alloc::SoftwareRsa;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

use super::Kind;
use super::transport::Handle;

/// The card's lasting memory.
pub(super) struct Memory {
    internal: StorageConfig<'static>,
    external: StorageConfig<'static>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            internal: StorageConfig::ram(),
            external: StorageConfig::ram(),
        }
    }

    /// Lends the memory to the sessions of one card, whose randomness follows from `seed`.
    pub(super) fn with<R>(&mut self, seed: &[u8], life: impl FnOnce(&mut Sessions<'_>) -> R) -> R {
        self.internal
            .with_fs(|internal| {
                self.external.with_fs(|external| {
                    let seed = Sha256::digest(seed).into();
                    life(&mut Sessions {
                        internal,
                        external,
                        seed,
                    })
                })
            })
            .and_then(|inner| inner)
            .expect("a fresh RAM file system mounts")
    }
}

/// Begins sessions.
pub(super) struct Sessions<'m> {
    internal: &'m dyn DynFilesystem,
    external: &'m dyn DynFilesystem,
    seed: [u8; 32],
}

impl Sessions<'_> {
    /// One session: from here until `serve` returns, all volatile state is new.
    pub(super) fn start<R>(
        &mut self,
        kind: Kind,
        uuid: &[u8; 16],
        serve: impl FnOnce(&mut Handle<'_>) -> R,
    ) -> R {
        let mut rng = ChaCha8Rng::from_seed(self.seed);
        rand_core::RngCore::fill_bytes(&mut rng, &mut self.seed);
        StorageConfig::ram()
            .with_fs(|volatile| {
                let store = Store {
                    internal: self.internal,
                    external: self.external,
                    volatile,
                };
                let platform = SoftPlatform {
                    rng,
                    store,
                    ui: UserInterface::new(),
                };
                session(kind, uuid, platform, serve)
            })
            .expect("a fresh RAM file system mounts")
    }
}

fn session<R>(
    kind: Kind,
    uuid: &[u8; 16],
    platform: SoftPlatform<'_>,
    serve: impl FnOnce(&mut Handle<'_>) -> R,
) -> R {
    let channel = TrussedChannel::new();
    let (requester, responder) = channel.split().expect("a new channel is not split yet");
    let name = match kind {
        Kind::Piv => "piv",
        Kind::OpenPgp => "opcard",
    };
    let context = CoreContext::new(name.try_into().expect("a short path"));
    let inline = Inline {
        service: Service::with_dispatch(platform, Dispatch::default()),
        endpoints: vec![ServiceEndpoint::new(responder, context, BACKENDS)],
    };
    let client = Client::new(requester, inline, None);
    match kind {
        Kind::Piv => {
            let options = piv_authenticator::Options::new().uuid(Some(*uuid));
            let mut applet = piv_authenticator::Authenticator::new(client, options);
            serve(&mut |command, reply| applet.respond(command, reply))
        }
        Kind::OpenPgp => {
            let mut options = opcard::Options::default();
            options.manufacturer = NITROKEY;
            options.serial.copy_from_slice(&uuid[..4]);
            let mut applet = opcard::Card::new(client, options);
            serve(&mut |command, reply| applet.handle(command, reply))
        }
    }
}

/// The OpenPGP card manufacturer number of Nitrokey.
const NITROKEY: [u8; 2] = [0x00, 0x0F];

struct SoftPlatform<'m> {
    rng: ChaCha8Rng,
    store: Store<'m>,
    ui: UserInterface,
}

impl<'m> Platform for SoftPlatform<'m> {
    type R = ChaCha8Rng;
    type S = Store<'m>;
    type UI = UserInterface;

    fn rng(&mut self) -> &mut Self::R {
        &mut self.rng
    }
    fn store(&self) -> Self::S {
        self.store
    }
    fn user_interface(&mut self) -> &mut Self::UI {
        &mut self.ui
    }
}

type Client<'m> = ClientImplementation<'m, Inline<'m>, Dispatch>;

/// Runs the service within the caller's own call: no thread that polls, no time lost.
struct Inline<'m> {
    service: Service<SoftPlatform<'m>, Dispatch>,
    endpoints: Vec<ServiceEndpoint<'m, BackendName, Contexts>>,
}

impl platform::Syscall for Inline<'_> {
    fn syscall(&mut self) {
        self.service.process(&mut self.endpoints);
    }
}

struct Dispatch {
    auth: AuthBackend,
    staging: StagingBackend,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            auth: AuthBackend::new(Location::Internal, FilesystemLayout::V1),
            staging: StagingBackend::new(),
        }
    }
}

#[derive(Default)]
struct Contexts {
    auth: AuthContext,
    staging: StagingContext,
}

#[derive(Clone, Copy, Debug)]
enum BackendName {
    Rsa,
    Auth,
    Staging,
}

const BACKENDS: &[BackendId<BackendName>] = &[
    BackendId::Custom(BackendName::Rsa),
    BackendId::Custom(BackendName::Auth),
    BackendId::Custom(BackendName::Staging),
    BackendId::Core,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extension {
    Auth,
    Chunked,
    Hpke,
    WrapKeyToFile,
}

impl From<Extension> for u8 {
    fn from(extension: Extension) -> Self {
        match extension {
            Extension::Auth => 0,
            Extension::Chunked => 1,
            Extension::Hpke => 2,
            Extension::WrapKeyToFile => 3,
        }
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;
    fn try_from(number: u8) -> Result<Self, Error> {
        [Self::Auth, Self::Chunked, Self::Hpke, Self::WrapKeyToFile]
            .into_iter()
            .find(|extension| u8::from(*extension) == number)
            .ok_or(Error::FunctionNotSupported)
    }
}

macro_rules! extension_ids {
    ($($extension:ty = $id:ident),+ $(,)?) => {$(
        impl ExtensionId<$extension> for Dispatch {
            type Id = Extension;
            const ID: Extension = Extension::$id;
        }
    )+};
}
extension_ids! {
    AuthExtension = Auth,
    ChunkedExtension = Chunked,
    HpkeExtension = Hpke,
    WrapKeyToFileExtension = WrapKeyToFile,
}

impl ExtensionDispatch for Dispatch {
    type BackendId = BackendName;
    type Context = Contexts;
    type ExtensionId = Extension;

    fn core_request<P: Platform>(
        &mut self,
        backend: &BackendName,
        context: &mut Context<Contexts>,
        request: &CoreRequest,
        resources: &mut ServiceResources<P>,
    ) -> Result<CoreReply, Error> {
        let (core, own) = (&mut context.core, &mut context.backends);
        match backend {
            BackendName::Rsa => {
                SoftwareRsa.request(core, &mut Default::default(), request, resources)
            }
            BackendName::Auth => self.auth.request(core, &mut own.auth, request, resources),
            BackendName::Staging => {
                self.staging
                    .request(core, &mut own.staging, request, resources)
            }
        }
    }

    fn extension_request<P: Platform>(
        &mut self,
        backend: &BackendName,
        extension: &Extension,
        context: &mut Context<Contexts>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let (core, own) = (&mut context.core, &mut context.backends);
        let staging = &mut self.staging;
        match (backend, extension) {
            (BackendName::Auth, Extension::Auth) => {
                ExtensionImpl::<AuthExtension>::extension_request_serialized(
                    &mut self.auth,
                    core,
                    &mut own.auth,
                    request,
                    resources,
                )
            }
            (BackendName::Staging, Extension::Chunked) => {
                ExtensionImpl::<ChunkedExtension>::extension_request_serialized(
                    staging,
                    core,
                    &mut own.staging,
                    request,
                    resources,
                )
            }
            (BackendName::Staging, Extension::Hpke) => {
                ExtensionImpl::<HpkeExtension>::extension_request_serialized(
                    staging,
                    core,
                    &mut own.staging,
                    request,
                    resources,
                )
            }
            (BackendName::Staging, Extension::WrapKeyToFile) => {
                ExtensionImpl::<WrapKeyToFileExtension>::extension_request_serialized(
                    staging,
                    core,
                    &mut own.staging,
                    request,
                    resources,
                )
            }
            _ => Err(Error::RequestNotAvailable),
        }
    }
}
