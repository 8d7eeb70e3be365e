//! The window: what the system says goes to the face, and what the face shows goes to the screen.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::{Duration, Instant};

use egui::{Context, Pos2, RawInput, Rect, ViewportId};
use egui_winit::State;
use egui_winit::accesskit_winit;
use lichna_ipc::window::Channel;
use lichna_ipc::{FrameError, Look, WindowMessage};
use thiserror::Error;
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::{ElementState, KeyEvent, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy, OwnedDisplayHandle};
use winit::keyboard::{Key, ModifiersState, NamedKey};
use winit::window::{Window, WindowId, WindowLevel};
use zeroize::Zeroize;

use crate::face::{Done, Face};
use crate::look::{self, palette};
use crate::paint::{Canvas, Painter};

/// A window that asks for no more than a yes takes none for so long: the key may have been meant for
/// the window that was there before.
const READING: Duration = Duration::from_millis(700);
/// How far a hand may slip between press and release, in points. How long it takes is its own
/// affair: many hands are slow, and so is many a machine.
const STEADY: f32 = 20.0;
/// How much of the screen the window takes at most.
const MOST_OF_SCREEN: f64 = 0.92;

/// Why the window cannot be shown.
#[derive(Debug, Error)]
pub enum ShowError {
    /// There is no display, or it takes no window.
    #[error(transparent)]
    EventLoop(#[from] winit::error::EventLoopError),
    /// The display refused.
    #[error(transparent)]
    System(#[from] winit::error::OsError),
    /// There is nothing to paint on.
    #[error("there is nothing to paint on: {0}")]
    Surface(String),
    /// The agent is gone.
    #[error(transparent)]
    Agent(#[from] FrameError),
}

impl From<softbuffer::SoftBufferError> for ShowError {
    fn from(error: softbuffer::SoftBufferError) -> Self {
        Self::Surface(error.to_string())
    }
}

/// What comes from elsewhere than the window system.
#[derive(Debug)]
pub enum Event {
    /// A screen reader looks, or does something.
    Accessibility(accesskit_winit::Event),
    /// Nobody waits for the answer any more.
    AgentGone,
}

impl From<accesskit_winit::Event> for Event {
    fn from(event: accesskit_winit::Event) -> Self {
        Self::Accessibility(event)
    }
}

/// All of the window.
pub struct Shell {
    /// What it shows.
    pub face: Face,
    /// What went wrong.
    pub fault: Option<ShowError>,
    /// The person saw it.
    pub shown: bool,
    look: Look,
    channel: Channel,
    context: Context,
    painter: Painter,
    proxy: EventLoopProxy<Event>,
    open: Option<Open>,
    modifiers: ModifiersState,
    next: Option<Instant>,
}

/// What there is only while the window is.
struct Open {
    window: Rc<Window>,
    surface: softbuffer::Surface<OwnedDisplayHandle, Rc<Window>>,
    state: State,
}

impl Shell {
    /// A window that is not open yet.
    pub fn new(face: Face, look: Look, channel: Channel, proxy: EventLoopProxy<Event>) -> Self {
        let context = Context::default();
        context.set_zoom_factor(look::zoom(&look));
        context.options_mut(|options| {
            options.zoom_with_keyboard = false;
            options.input_options.max_click_duration = f64::INFINITY;
            options.input_options.max_click_dist = STEADY;
        });
        Self {
            face,
            fault: None,
            shown: false,
            look,
            channel,
            context,
            painter: Painter::default(),
            proxy,
            open: None,
            modifiers: ModifiersState::empty(),
            next: None,
        }
    }

    /// The agent, to be told what was decided.
    pub fn into_parts(self) -> (Face, Channel) {
        (self.face, self.channel)
    }

    fn open(&mut self, events: &ActiveEventLoop) -> Result<(), ShowError> {
        let dark = events.system_theme() == Some(winit::window::Theme::Dark);
        let palette = palette(&self.look, dark);
        look::apply(&self.context, &palette);
        self.face.dress(palette);
        let screen = events
            .primary_monitor()
            .or_else(|| events.available_monitors().next())
            .map(|screen| screen.size().to_logical::<f64>(screen.scale_factor()));
        let attributes = Window::default_attributes()
            .with_title(self.face.title())
            .with_visible(false)
            .with_resizable(false)
            .with_window_level(WindowLevel::AlwaysOnTop)
            .with_inner_size(self.fitting(screen));
        let window = Rc::new(events.create_window(attributes)?);
        window.set_ime_allowed(false);
        // Where the system can: neither in screenshots nor in a shared screen.
        window.set_content_protected(true);
        let mut state = State::new(
            self.context.clone(),
            ViewportId::ROOT,
            &window,
            None,
            None,
            None,
        );
        state.set_clipboard_shortcuts(false);
        // Before the window is visible, or screen readers do not see it.
        state.init_accesskit(events, &window, self.proxy.clone());
        let display = softbuffer::Context::new(events.owned_display_handle())?;
        let surface = softbuffer::Surface::new(&display, Rc::clone(&window))?;
        self.open = Some(Open {
            window,
            surface,
            state,
        });
        self.face.refocus();
        self.draw()?;
        self.draw()?;
        if let Some(open) = &self.open {
            open.window.set_visible(true);
            // Said before, it is lost on X11.
            open.window.set_window_level(WindowLevel::AlwaysOnTop);
            open.window.focus_window();
        }
        let needs_time = self.face.form.entries.is_empty();
        let reading = if needs_time { READING } else { Duration::ZERO };
        self.face.agrees_from(Instant::now() + reading);
        self.shown = true;
        self.channel.say(&WindowMessage::Shown)?;
        Ok(())
    }

    /// The size that all of it takes, and no more than the screen has.
    fn fitting(&mut self, screen: Option<LogicalSize<f64>>) -> LogicalSize<f64> {
        let zoom = f64::from(look::zoom(&self.look));
        let most = screen.map(|screen| {
            (
                screen.width * MOST_OF_SCREEN,
                screen.height * MOST_OF_SCREEN,
            )
        });
        self.face.wide = most.is_none_or(|(width, _)| f64::from(self.face.width()) * zoom <= width);
        let width = f64::from(self.face.width()) * zoom;
        let height = f64::from(self.height()) * zoom;
        match most {
            Some((most_wide, most_high)) => {
                LogicalSize::new(width.min(most_wide), height.min(most_high))
            }
            None => LogicalSize::new(width, height),
        }
    }

    /// How high it is, in points, at that width.
    fn height(&mut self) -> f32 {
        const ENOUGH: f32 = 4000.0;
        let mut height = 0.0;
        let size = egui::vec2(self.face.width(), ENOUGH);
        // What stands below is as high as it was in the pass before.
        for _ in 0..2 {
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
                ..RawInput::default()
            };
            let face = &mut self.face;
            let output = self.context.run_ui(input, |ui| height = face.show(ui));
            let over = self.painter.take(output.textures_delta);
            self.painter.forget(&over);
        }
        height.ceil()
    }

    fn draw(&mut self) -> Result<(), ShowError> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let mut input = open.state.take_egui_input(&open.window);
        // Nothing is pasted, copied, or composed elsewhere; what is typed came another way.
        input.events.retain_mut(|event| match event {
            egui::Event::Text(text) | egui::Event::Paste(text) => {
                text.zeroize();
                false
            }
            egui::Event::Copy | egui::Event::Cut | egui::Event::Ime(_) => false,
            _ => true,
        });
        let face = &mut self.face;
        let output = self.context.run_ui(input, |ui| {
            face.show(ui);
        });
        let over = self.painter.take(output.textures_delta);
        open.state
            .handle_platform_output(&open.window, output.platform_output);
        let delay = output.viewport_output.get(&ViewportId::ROOT);
        self.next = match delay.map(|root| root.repaint_delay) {
            Some(Duration::ZERO) => {
                open.window.request_redraw();
                None
            }
            Some(delay) => Instant::now().checked_add(delay),
            None => None,
        };
        let primitives = self
            .context
            .tessellate(output.shapes, output.pixels_per_point);
        let size = open.window.inner_size();
        if let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        {
            open.surface.resize(width, height)?;
            let mut buffer = open.surface.buffer_mut()?;
            buffer.fill(0);
            let side = |side: NonZeroU32| usize::try_from(side.get()).unwrap_or(0);
            let mut canvas = Canvas {
                pixels: &mut buffer,
                width: side(width),
                height: side(height),
            };
            self.painter
                .paint(&mut canvas, output.pixels_per_point, &primitives);
            open.window.pre_present_notify();
            buffer.present()?;
        }
        self.painter.forget(&over);
        Ok(())
    }

    /// Takes what is typed before anything else sees it; `false`: it was not typed into a secret.
    fn typed(&mut self, key: &KeyEvent, synthetic: bool) -> bool {
        let pressed = key.state == ElementState::Pressed && !synthetic;
        let command = ModifiersState::CONTROL | ModifiersState::ALT | ModifiersState::SUPER;
        if self.modifiers.intersects(command) {
            return false;
        }
        let form = &mut self.face.form;
        // Digits are for the secret whatever has the focus; letters and blanks may press a button.
        let takes = |character: char| character.is_ascii_digit() || self.face.types;
        match &key.logical_key {
            Key::Character(text) if text.chars().all(takes) && !form.entries.is_empty() => {
                if pressed && !key.repeat {
                    text.chars().for_each(|character| form.typed(character));
                }
            }
            Key::Named(NamedKey::Space) if self.face.types && !form.entries.is_empty() => {
                if pressed && !key.repeat {
                    form.typed(' ');
                }
            }
            Key::Named(NamedKey::Backspace) => {
                if pressed {
                    form.take_back();
                }
            }
            _ => return false,
        }
        self.face.changed();
        true
    }

    /// Ends with what went wrong, if anything did, or when the person has decided.
    fn after(&mut self, events: &ActiveEventLoop, done: Result<(), ShowError>) {
        if let Err(fault) = done {
            self.fault = Some(fault);
            events.exit();
        } else if self.face.done != Done::Open {
            events.exit();
        }
    }

    fn redraw(&self) {
        if let Some(open) = &self.open {
            open.window.request_redraw();
        }
    }
}

impl ApplicationHandler<Event> for Shell {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        if self.open.is_none() {
            let opened = self.open(events);
            self.after(events, opened);
        }
    }

    fn new_events(&mut self, _: &ActiveEventLoop, cause: StartCause) {
        if matches!(cause, StartCause::ResumeTimeReached { .. }) {
            self.redraw();
        }
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        let next = self.next.map_or(ControlFlow::Wait, ControlFlow::WaitUntil);
        events.set_control_flow(next);
    }

    fn user_event(&mut self, events: &ActiveEventLoop, event: Event) {
        use accesskit_winit::WindowEvent as Looks;
        match event {
            Event::AgentGone => events.exit(),
            Event::Accessibility(event) => {
                match (event.window_event, &mut self.open) {
                    (Looks::InitialTreeRequested, _) => self.context.enable_accesskit(),
                    (Looks::AccessibilityDeactivated, _) => self.context.disable_accesskit(),
                    (Looks::ActionRequested(request), Some(open)) => {
                        open.state.on_accesskit_action_request(request);
                        // One at a time, in the order in which they came.
                        let drawn = self.draw();
                        return self.after(events, drawn);
                    }
                    (Looks::ActionRequested(_), None) => {}
                }
                self.redraw();
            }
        }
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match &event {
            WindowEvent::RedrawRequested => {
                let drawn = self.draw();
                return self.after(events, drawn);
            }
            // Closed is refused.
            WindowEvent::CloseRequested => {
                self.face.done = Done::Refused;
                return events.exit();
            }
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::KeyboardInput {
                event: key,
                is_synthetic,
                ..
            } if self.typed(key, *is_synthetic) => return self.redraw(),
            _ => {}
        }
        let Some(open) = &mut self.open else {
            return;
        };
        let repaint = open.state.on_window_event(&open.window, &event).repaint;
        // One key and one click at a time, in the order in which they came.
        if matches!(
            event,
            WindowEvent::KeyboardInput { .. } | WindowEvent::MouseInput { .. }
        ) {
            let drawn = self.draw();
            self.after(events, drawn);
        } else if repaint {
            open.window.request_redraw();
        }
    }
}
